/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lists of taxes: rows of a rate with its base and amount, as a table ("19 %  100,00  19,00") or as
 * labels among the sums ("VAT 20 %  135.80"). What multiplies is base and tax. */
#include "extract/table.h"

#include <math.h>
#include <string.h>

enum { AMOUNTS_MAX = 6, TAXES_MAX = 32 };

enum tax_part { TAX_RATE, TAX_BASE, TAX_AMOUNT, TAX_GROSS, TAX_NAME, TAX_PARTS };

struct tax {
    const struct item *part[TAX_PARTS]; /* NULL: not printed */
    uint32_t name_first, name_count;    /* the words of the label */
    bool proved;                        /* base x rate = tax */
};

bool
taxes_are_wanted(const struct solve *solve, const struct table_field *table)
{
    static const char *const subjects[] = {"total_tax", "tax_rate", "vat_id"}; /* "vat": [...] */
    const char *name = solve->lexicon->concepts[table->subject].name;

    for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
        if (table->subject != 0 && strcmp(name, subjects[i]) == 0)
            return true;
    return false;
}

static bool
has_one_of(const char *key, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (strstr(key, list[i]) != NULL)
            return true;
    return false;
}

/* What a property of such a list means, by its words (folded). */
static enum tax_part
part_of(const struct field *field)
{
    static const char *const rate[] = {"rate", "percent", "pct", "satz", "taux", "allquota", NULL};
    static const char *const base[] = {"base", "basls", "net", "taxable", "ht", "lmponlbl", NULL};
    static const char *const gross[] = {"gross", "brutto", "total", "lncl", "ttc", NULL};
    static const char *const name[] = {"name", "type", "descrlptlon", "label",
                                       "code", "klnd", "category",    NULL};
    const char *key = field->own_key != NULL ? field->own_key : "";

    if (has_one_of(key, rate))
        return TAX_RATE;
    if (has_one_of(key, base))
        return TAX_BASE;
    if (has_one_of(key, name))
        return TAX_NAME;
    return has_one_of(key, gross) && strstr(key, "tax") == NULL ? TAX_GROSS : TAX_AMOUNT;
}

static const struct item *
number_at(const struct solve *solve, uint32_t token)
{
    const struct items *items = solve->items;

    for (uint32_t k = items->at[token]; k < items->at[token + 1]; k++)
        if (items->items[k].kind == ITEM_NUMBER)
            return &items->items[k];
    return NULL;
}

/* Base and tax among the amounts: those that multiply. */
static void
settle(struct tax *tax, const struct item *const *amounts, uint32_t n)
{
    const double rate = tax->part[TAX_RATE]->number.value / 100;

    for (uint32_t b = 0; b < n && !tax->proved; b++)
        for (uint32_t t = 0; t < n && !tax->proved; t++) {
            double base = amounts[b]->number.value, sum = amounts[t]->number.value;
            if (b == t || fabs(base * rate - sum) > 0.02 + 0.0005 * fabs(base))
                continue;
            tax->part[TAX_BASE] = amounts[b];
            tax->part[TAX_AMOUNT] = amounts[t];
            tax->proved = true;
            for (uint32_t g = 0; g < n; g++)
                if (g != b && g != t && fabs(amounts[g]->number.value - base - sum) < 0.02)
                    tax->part[TAX_GROSS] = amounts[g];
        }
}

/* The label of the tax at the beginning of a segment of the row; false: there is none. */
static bool
find_name(const struct solve *solve, uint32_t row, struct tax *tax)
{
    const struct labels *labels = solve->labels;

    for (uint32_t i = 0; i < labels->label_count; i++) {
        const struct label *label = &labels->labels[i];
        const char *name = solve->lexicon->concepts[label->concept].name;
        if (solve->doc->segs[solve->doc->tokens[label->first].seg].row != row ||
            label->exact < 0.4F || strcmp(name, "total_tax") != 0)
            continue;
        tax->name_first = label->first;
        tax->name_count = label->count;
        return true;
    }
    return false;
}

static bool
read_row(const struct solve *solve, uint32_t index, struct tax *ret)
{
    const struct doc *doc = solve->doc;
    const struct row *row = &doc->rows[index];
    const struct item *amounts[AMOUNTS_MAX];
    uint32_t n = 0;
    bool first = false;

    *ret = (struct tax){.name_count = 0};
    for (uint32_t s = 0; s < row->count; s++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
        for (uint32_t t = seg->first; t < seg->first + seg->count; t++) {
            const struct item *item = number_at(solve, t);
            if (item == NULL || solve->taken[t])
                continue;
            if (item->number.percent && ret->part[TAX_RATE] == NULL) {
                ret->part[TAX_RATE] = item;
                first = s == 0 && t == seg->first;
            } else if (!item->number.percent && item->number.decimals == 2 && n < AMOUNTS_MAX) {
                amounts[n++] = item;
            }
        }
    }
    if (ret->part[TAX_RATE] == NULL || n == 0 || ret->part[TAX_RATE]->number.value > 40)
        return false;
    bool named = find_name(solve, index, ret);
    settle(ret, amounts, n);
    if (!ret->proved && named && n == 1)
        ret->part[TAX_AMOUNT] = amounts[0];
    return ret->proved ? named || first : ret->part[TAX_AMOUNT] != NULL;
}

static bool
is_known(const struct tax *taxes, uint32_t n, const struct tax *tax)
{
    for (uint32_t i = 0; i < n; i++)
        if (fabs(taxes[i].part[TAX_RATE]->number.value - tax->part[TAX_RATE]->number.value) <
                1e-9 &&
            fabs(taxes[i].part[TAX_AMOUNT]->number.value - tax->part[TAX_AMOUNT]->number.value) <
                0.005)
            return true;
    return false;
}

static struct value *
value_of(struct solve *solve, const struct field *field, const struct tax *tax)
{
    enum tax_part part = part_of(field);
    const float sure = tax->proved ? 0.95F : 0.8F;

    if (part == TAX_NAME)
        return tax->name_count == 0
                   ? NULL
                   : make_text(solve, field, tax->name_first, tax->name_count, 0.8F);
    const struct item *item = tax->part[part];
    struct value *value = item == NULL ? NULL : make_item(solve, field, item, sure);
    if (value != NULL && tax->proved)
        value->proof = "base x rate = tax";
    return value;
}

void
taxes_read(struct solve *solve, const struct table_field *table)
{
    struct tax taxes[TAXES_MAX];
    uint32_t n = 0;

    for (uint32_t r = 0; r < solve->doc->row_count && n < TAXES_MAX; r++)
        if (read_row(solve, r, &taxes[n]) && !is_known(taxes, n, &taxes[n]))
            n++;
    struct value **values = arena_array(solve->arena, table->field_count + 1, sizeof(void *));
    if (values == NULL) {
        solve->full = true;
        return;
    }
    for (uint32_t i = 0; i < n && !solve->full; i++) {
        for (uint32_t f = 0; f < table->field_count; f++)
            values[f] = value_of(solve, &solve->fields[table->first_field + f], &taxes[i]);
        table_put_row(solve, table, values);
    }
}
