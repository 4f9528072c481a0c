/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Handing a document in: initiate, PUT of each part, complete. */
#include "client_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PARTS_MAX = 10000 };

struct part {
    int64_t number;
    const char *url; /* borrowed from the initiate answer */
    uint64_t start;
    uint64_t length;
    char etag[CLIENT_ETAG_SIZE];
};

struct upload {
    struct leapocr *client;
    const struct leapocr_request *request;
    int fd;
    uint64_t size;
    uint64_t sent_before; /* bytes of the parts that are done */
    json_t *initiated;
    struct part *parts;
    size_t n;
};

static const char *
type_of_name(const char *name)
{
    static const char *const types[][2] = {
        {".pdf", "application/pdf"}, {".png", "image/png"},  {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},     {".tif", "image/tiff"}, {".tiff", "image/tiff"},
        {".webp", "image/webp"},     {".bmp", "image/bmp"},  {".gif", "image/gif"},
    };
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && i < sizeof(types) / sizeof(types[0]); i++)
        if (strcasecmp(dot, types[i][0]) == 0)
            return types[i][1];
    return "application/octet-stream";
}

/* --- initiate --- */

static enum leapocr_status
describe(const struct upload *up, const char *file_name, const char *content_type,
         json_t **ret_body, struct leapocr_error *error)
{
    const struct leapocr_request *r = up->request;
    json_t *schema = NULL;
    json_error_t where;

    if (r->schema_json != NULL) {
        schema = json_loads(r->schema_json, JSON_REJECT_DUPLICATES, &where);
        if (!json_is_object(schema)) {
            json_decref(schema);
            return client_fail(error, LEAPOCR_INPUT, "the schema is not a JSON object%s%s",
                               schema == NULL ? ": " : "", schema == NULL ? where.text : "");
        }
    }
    /* "s*", "o*": left out where NULL; takes the schema over. */
    json_t *body = json_pack(
        "{s:s, s:s, s:I, s:s*, s:s*, s:s*, s:s*, s:o*}", "file_name", file_name, "content_type",
        content_type, "file_size", (json_int_t)up->size, "format", r->format, "model", r->model,
        "instructions", r->instructions, "template_slug", r->template_slug, "schema", schema);
    if (body == NULL)
        return client_fail(error, LEAPOCR_INPUT,
                           "the file name and the texts of a request must be UTF-8");
    if (r->bounding_boxes &&
        json_object_set_new(body, "extract_bounding_boxes", json_true()) != 0) {
        json_decref(body);
        return client_fail(error, LEAPOCR_MEMORY, "no memory");
    }
    *ret_body = body;
    return LEAPOCR_OK;
}

static enum leapocr_status
initiate(struct upload *up, const char *file_name, const char *content_type,
         struct leapocr_error *error)
{
    json_t *body = NULL;
    enum leapocr_status status = describe(up, file_name, content_type, &body, error);

    if (status != LEAPOCR_OK)
        return status;
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    if (text == NULL)
        return client_fail(error, LEAPOCR_MEMORY, "no memory");
    /* Not repeatable: a second call would make a second job. */
    struct client_call call = {.method = "POST", .path = "/ocr/uploads/direct", .json = text};
    status = client_call_json(up->client, &call, &up->initiated, NULL, error);
    free(text);
    return status;
}

/* --- parts --- */

/* The range that the server wants as this part; a single part may come without one. */
static bool
read_part(const struct upload *up, const json_t *item, struct part *part)
{
    const json_t *start = json_object_get(item, "start_byte");
    const json_t *end = json_object_get(item, "end_byte");

    part->number = json_integer_value(json_object_get(item, "part_number"));
    part->url = client_text(item, "upload_url");
    if (part->url == NULL || part->number < 1)
        return false;
    if (up->n == 1 && (start == NULL || end == NULL)) {
        part->length = up->size;
        return true;
    }
    json_int_t from = json_is_integer(start) ? json_integer_value(start) : -1;
    json_int_t to = json_is_integer(end) ? json_integer_value(end) : -1;
    if (from < 0 || to < from || (uint64_t)to >= up->size)
        return false;
    part->start = (uint64_t)from;
    part->length = (uint64_t)(to - from) + 1;
    return true;
}

static enum leapocr_status
read_parts(struct upload *up, struct leapocr_error *error)
{
    const json_t *list = json_object_get(up->initiated, "parts");
    uint64_t covered = 0;

    up->n = json_array_size(list);
    if (client_text(up->initiated, "job_id") == NULL || up->n == 0 || up->n > PARTS_MAX)
        return client_fail(error, LEAPOCR_SERVER, "the server named no job or no parts");
    up->parts = calloc(up->n, sizeof(*up->parts));
    if (up->parts == NULL)
        return client_fail(error, LEAPOCR_MEMORY, "no memory");
    for (size_t i = 0; i < up->n; i++) {
        struct part *part = &up->parts[i];
        if (!read_part(up, json_array_get(list, i), part) || part->start != covered)
            return client_fail(error, LEAPOCR_SERVER,
                               "part %zu of the upload does not follow the one before it", i + 1);
        covered += part->length;
    }
    if (covered != up->size)
        return client_fail(error, LEAPOCR_SERVER, "the parts cover %llu of %llu bytes",
                           (unsigned long long)covered, (unsigned long long)up->size);
    return LEAPOCR_OK;
}

static void
on_part_sent(void *ctx, uint64_t sent)
{
    const struct upload *up = ctx;

    if (up->request->on_sent != NULL)
        up->request->on_sent(up->request->ctx, up->sent_before + sent, up->size);
}

static enum leapocr_status
put_part(struct upload *up, struct part *part, struct leapocr_error *error)
{
    struct client_call call = {.method = "PUT",
                               .url = part->url,
                               .repeatable = true, /* the last whole PUT of a part wins */
                               .from_file = true,
                               .fd = up->fd,
                               .offset = part->start,
                               .length = part->length,
                               .on_sent = on_part_sent,
                               .ctx = up};
    struct client_answer answer;
    enum leapocr_status status = client_call(up->client, &call, &answer, error);

    if (status == LEAPOCR_OK && answer.etag[0] == '\0')
        status = client_fail(error, LEAPOCR_SERVER, "part %lld was stored without an ETag",
                             (long long)part->number);
    if (status == LEAPOCR_OK) {
        memcpy(part->etag, answer.etag, sizeof(part->etag));
        up->sent_before += part->length;
    }
    client_answer_fini(&answer);
    return status;
}

/* --- complete --- */

static enum leapocr_status
complete(struct upload *up, const char *job_id, struct leapocr_error *error)
{
    enum leapocr_status status = LEAPOCR_MEMORY;
    json_t *answer = NULL, *body = NULL, *list = json_array();
    char *text = NULL, *path = NULL;

    for (size_t i = 0; i < up->n; i++)
        if (json_array_append_new(list, json_pack("{s:I, s:s}", "part_number",
                                                  (json_int_t)up->parts[i].number, "etag",
                                                  up->parts[i].etag)) != 0) {
            (void)client_fail(error, status, "no memory");
            goto out;
        }
    body = json_pack("{s:O}", "parts", list);
    text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    if (text == NULL) {
        (void)client_fail(error, status, "no memory");
        goto out;
    }
    path = client_path("/ocr/uploads/", job_id, "/complete", error);
    if (path == NULL) {
        status = error != NULL ? error->status : LEAPOCR_SERVER;
        goto out;
    }
    /* The same parts for the same job give the same answer. */
    struct client_call call = {.method = "POST", .path = path, .json = text, .repeatable = true};
    status = client_call_json(up->client, &call, &answer, NULL, error);
out:
    json_decref(answer);
    json_decref(body);
    json_decref(list);
    free(text);
    free(path);
    return status;
}

/* --- all together --- */

static enum leapocr_status
check_file(struct upload *up, struct leapocr_error *error)
{
    struct stat st;

    if (fstat(up->fd, &st) != 0)
        return client_fail(error, LEAPOCR_FILE, "%s", strerror(errno));
    if (S_ISDIR(st.st_mode))
        return client_fail(error, LEAPOCR_FILE, "is a folder");
    if (!S_ISREG(st.st_mode))
        return client_fail(error, LEAPOCR_FILE, "is not a regular file");
    if (st.st_size == 0)
        return client_fail(error, LEAPOCR_FILE, "is empty");
    up->size = (uint64_t)st.st_size;
    return LEAPOCR_OK;
}

enum leapocr_status
leapocr_submit(struct leapocr *client, int fd, const char *file_name, const char *content_type,
               const struct leapocr_request *request, char ret_job_id[LEAPOCR_ID_SIZE],
               struct leapocr_error *error)
{
    struct upload up = {.client = client, .request = request, .fd = fd};
    enum leapocr_status status = check_file(&up, error);

    if (status == LEAPOCR_OK)
        status = initiate(&up, file_name,
                          content_type != NULL ? content_type : type_of_name(file_name), error);
    if (status == LEAPOCR_OK)
        status = read_parts(&up, error);
    for (size_t i = 0; status == LEAPOCR_OK && i < up.n; i++)
        status = put_part(&up, &up.parts[i], error);
    const char *job_id = client_text(up.initiated, "job_id");
    if (status == LEAPOCR_OK)
        status = complete(&up, job_id, error);
    if (status == LEAPOCR_OK)
        (void)snprintf(ret_job_id, LEAPOCR_ID_SIZE, "%s", job_id); /* complete checked its length */
    json_decref(up.initiated);
    free(up.parts);
    return status;
}

enum leapocr_status
leapocr_submit_file(struct leapocr *client, const char *path, const struct leapocr_request *request,
                    char ret_job_id[LEAPOCR_ID_SIZE], struct leapocr_error *error)
{
    const char *slash = strrchr(path, '/');
    /* O_NONBLOCK: a FIFO is refused as no regular file instead of waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return client_fail(error, LEAPOCR_FILE, "%s", strerror(errno));
    enum leapocr_status status = leapocr_submit(client, fd, slash != NULL ? slash + 1 : path, NULL,
                                                request, ret_job_id, error);
    close(fd);
    return status;
}
