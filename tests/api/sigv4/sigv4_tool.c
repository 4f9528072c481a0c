/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The signer and the judge of presigned URLs as a filter, so that another implementation can be
 * held against them. Reads one question a line, fields separated by tabs, and answers each with a
 * line: sign METHOD BASE PATH PARAMS NOW_MS EXPIRES_S    -> the URL judge METHOD HOST PATH QUERY
 * NOW_MS              -> "genuine PART UPLOAD_ID" or "STATUS CODE" Access id, secret and region are
 * the arguments. */
#include "store/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 7 };

static int
split(char *line, char *fields[FIELDS_MAX])
{
    int n = 0;

    line[strcspn(line, "\n")] = '\0';
    for (char *field; n < FIELDS_MAX && (field = strsep(&line, "\t")) != NULL;)
        fields[n++] = field;
    return n;
}

static void
sign(struct arena *arena, const struct sigv4_key *key, char *fields[FIELDS_MAX])
{
    const char *url;
    struct err err;

    if (sigv4_presign(arena, key, fields[1], fields[2], fields[3], fields[4], atoll(fields[5]),
                      atoll(fields[6]), &url, &err) == ERR_OK)
        puts(url);
    else
        printf("refused %s\n", err.msg);
}

static void
judge(struct arena *arena, const struct sigv4_key *key, char *fields[FIELDS_MAX])
{
    struct sigv4_request request = {.method = span_of(fields[1]),
                                    .host = span_of(fields[2]),
                                    .path = span_of(fields[3]),
                                    .query = span_of(fields[4])};
    struct sigv4_claims claims;
    struct sigv4_refusal refusal;

    sigv4_verify(arena, key, &request, atoll(fields[5]), &claims, &refusal);
    if (refusal.code == NULL)
        printf("genuine %lld %s\n", (long long)claims.part_number, claims.upload_id);
    else
        printf("%d %s\n", refusal.http_status, refusal.code);
}

int
main(int argc, char **argv)
{
    char *line = NULL, *fields[FIELDS_MAX];
    size_t cap = 0;
    struct arena *arena = arena_new(KiB(256));

    if (argc != 4 || arena == NULL) {
        fprintf(stderr, "usage: sigv4_tool ACCESS_ID SECRET REGION < questions\n");
        return 1;
    }
    struct sigv4_key key = {argv[1], span_of(argv[2]), argv[3]};
    while (getline(&line, &cap, stdin) > 0) {
        int n = split(line, fields);
        if (n == 7 && strcmp(fields[0], "sign") == 0)
            sign(arena, &key, fields);
        else if (n == 6 && strcmp(fields[0], "judge") == 0)
            judge(arena, &key, fields);
        else
            puts("unknown question");
        arena_reset(arena);
    }
    free(line);
    arena_drop(&arena);
    return 0;
}
