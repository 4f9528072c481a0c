/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/languages.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_LEN = 31 };

struct language {
    char name[NAME_MAX_LEN + 1];
    const char *script;
    struct span file; /* mapped */
    struct lstm_model *model;
    bool failed;
};

struct languages {
    struct language items[LANGUAGES_MAX];
    size_t count;
    bool detect;
};

/* Names of the models of tessdata by script; what is not here is used only when asked for. */
static const struct {
    const char *script, *names;
} scripts[] = {
    {"Latn", " afr aze bos bre cat ceb ces cos cym dan deu eng epo est eus fao fil fin fra fry gla "
             "gle glg hat hrv hun ind isl ita jav lat lav lit ltz mlt mri msa nld nor oci pol por "
             "que ron slk slv spa sqi srp_latn sun swa swe ton tur uzb vie yor "},
    {"Cyrl", " aze_cyrl bel bul kaz kir mkd mon rus srp tat tgk ukr uzb_cyrl "},
    {"Grek", " ell grc "},
    {"Arab", " ara fas kur_ara pus snd uig urd "},
    {"Hebr", " heb yid "},
    {"Jpan", " jpn jpn_vert "},
    {"Hans", " chi_sim chi_sim_vert "},
    {"Hant", " chi_tra chi_tra_vert "},
    {"Kore", " kor kor_vert "},
    {"Armn", " hye "},
    {"Geor", " kat "},
    {"Deva", " hin mar nep san "},
    {"Thai", " tha "},
};

static bool
is_listed(const char *names, const char *name, size_t len)
{
    for (const char *at = names; (at = strchr(at, ' ')) != NULL; at++)
        if (strncmp(at + 1, name, len) == 0 && at[1 + len] == ' ')
            return true;
    return false;
}

static const char *
script_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
        if (is_listed(scripts[i].names, name, strlen(name)))
            return scripts[i].script;
    return "";
}

bool
language_is_right_to_left(const char *name, size_t len)
{
    return is_listed(" ara div fas heb kur_ara pus snd syr uig urd yid ", name, len);
}

static bool
map_file(const char *folder, struct language *language)
{
    char path[4096];
    struct stat st;
    int n = snprintf(path, sizeof(path), "%s/%s.traineddata", folder, language->name);
    int fd = n < 0 || (size_t)n >= sizeof(path) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *at = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size <= LSTM_MAX_MODEL_BYTES)
        at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (fd >= 0)
        (void)close(fd); /* only read from */
    if (at == MAP_FAILED)
        return false;
    language->file = (struct span){at, (size_t)st.st_size};
    return true;
}

/* False if there is no room or no such file. */
static bool
add(struct languages *l, const char *folder, const char *name, size_t len)
{
    struct language *item = &l->items[l->count];

    if (l->count == LANGUAGES_MAX || len > NAME_MAX_LEN)
        return false;
    *item = (struct language){.script = ""};
    memcpy(item->name, name, len);
    item->script = script_of(item->name);
    if (!map_file(folder, item))
        return false;
    l->count++;
    return true;
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(((const struct language *)a)->name, ((const struct language *)b)->name);
}

/* English first, the others by name, so that results do not hang on the order of the folder. */
static void
add_installed(struct languages *l, const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    (void)add(l, folder, "eng", 3);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        const char *end = strstr(entry->d_name, ".traineddata");
        size_t len = end == NULL ? 0 : (size_t)(end - entry->d_name);
        char name[NAME_MAX_LEN + 1] = "";
        if (len == 0 || len > NAME_MAX_LEN || strcmp(end, ".traineddata") != 0)
            continue;
        memcpy(name, entry->d_name, len);
        if (strcmp(name, "eng") != 0 && script_of(name)[0] != '\0')
            (void)add(l, folder, name, len);
    }
    if (dir != NULL)
        (void)closedir(dir);
    if (l->count > 1)
        qsort(l->items + 1, l->count - 1, sizeof(*l->items), compare_names);
}

/* Each of the list; ERR_FORMAT if one is not for the line reader. */
static enum err_code
add_list(struct languages *l, const char *folder, const char *wanted, struct err *err)
{
    for (const char *at = wanted; *at != '\0'; at += *at == '+') {
        size_t len = strcspn(at, "+");
        if (!add(l, folder, at, len) || languages_model(l, l->count - 1) == NULL)
            return err_set(err, ERR_FORMAT, "language '%.*s' is not one for the line reader",
                           (int)len, at);
        at += len;
    }
    return ERR_OK;
}

enum err_code
languages_open(const char *folder, const char *wanted, struct languages **ret, struct err *err)
{
    struct languages *l = calloc(1, sizeof(*l));
    enum err_code rc = ERR_OK;

    if (l == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the languages");
    l->detect = strcmp(wanted, "auto") == 0;
    if (l->detect)
        add_installed(l, folder);
    else
        rc = add_list(l, folder, wanted, err);
    if (rc == ERR_OK && languages_model(l, 0) == NULL)
        rc = err_set(err, ERR_FORMAT, "no model in %s is one for the line reader", folder);
    if (rc == ERR_OK)
        *ret = l;
    else
        languages_close(&l);
    return rc;
}

void
languages_close(struct languages **languages)
{
    struct languages *l = *languages;

    if (l == NULL)
        return;
    for (size_t i = 0; i < l->count; i++) {
        lstm_model_close(&l->items[i].model);
        (void)munmap((void *)(uintptr_t)l->items[i].file.data, l->items[i].file.len);
    }
    free(l);
    *languages = NULL;
}

size_t
languages_count(const struct languages *languages)
{
    return languages->count;
}

bool
languages_detect(const struct languages *languages)
{
    return languages->detect;
}

bool
languages_have_settings(const struct languages *languages)
{
    size_t asked = languages->detect ? 1 : languages->count;

    for (size_t i = 0; i < asked; i++)
        if (lstm_model_has_settings(languages->items[i].file))
            return true;
    return false;
}

const char *
languages_name(const struct languages *languages, size_t i)
{
    return languages->items[i].name;
}

const char *
languages_script(const struct languages *languages, size_t i)
{
    return languages->items[i].script;
}

const struct lstm_model *
languages_model(struct languages *languages, size_t i)
{
    struct language *item;

    if (i >= languages->count)
        return NULL;
    item = &languages->items[i];
    if (item->model == NULL && !item->failed)
        item->failed = lstm_model_parse(item->file, &item->model, NULL) != ERR_OK;
    return item->model;
}
