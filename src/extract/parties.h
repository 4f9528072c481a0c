/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/parties.h - the people and companies of a document: blocks of name and address, and whose
 * they are. */
#pragma once

#include "extract/solve.h"

struct part {
    uint32_t first, count; /* tokens; count 0: there is none */
};

enum { PARTY_LINES_MAX = 12, PARTIES_MAX = 64 };

enum party_role { PARTY_SELLER, PARTY_BUYER, PARTY_SHIP_TO, PARTY_OTHER, PARTY_ROLES };

struct party {
    struct part name_head; /* "Herrn", or the first line of a name of two */
    struct part name, street, postcode, city, country;
    struct part lines[PARTY_LINES_MAX]; /* of the address without the name, from top to bottom */
    uint32_t line_count;
    struct part contact; /* tokens from the first to the last line, contact lines included */
    struct box box;      /* of name and address */
    uint32_t page;
    bool one_line; /* sender's line: all parts on one line */
    bool has_contact;
    uint16_t labelled; /* the role that stands at it, as a concept; 0: none */
    float role[PARTY_ROLES];
    const char *key; /* name and place, for telling the same party again */
};

/* --- blockline.c: lines within a block of name and address --- */
/* What a line is within a block. */
struct line_view {
    struct part content; /* without the label in front */
    uint16_t concept;    /* of that label; 0: none */
    uint16_t role;       /* a role that stands at it */
    bool head;           /* nothing but a role */
    bool labelled;       /* the label stands in a segment of its own */
    bool closes;         /* belongs to no block: a sentence, a title, a date */
};

struct line_view line_view(const struct solve *solve, uint32_t seg);
bool line_is_bullet(const char *text);
/* Without bullets and single marks at both ends. */
struct part line_trim(const struct solve *solve, struct part part);
/* The label to the left in the row, if the segment is its value; NONE: there is none. */
uint32_t line_label_beside(const struct solve *solve, uint32_t seg);
/* The seg next above (or below) in the same column: left edges or middles agree. NONE: there is
 * none near enough. */
uint32_t line_near(const struct solve *solve, uint32_t seg, bool up, float *ret_gap);
bool line_has_item(const struct solve *solve, struct part part, uint8_t kind);
bool line_is_type(const struct solve *solve, uint16_t concept, enum concept_type type);
bool line_is_salutation(const struct solve *solve, struct part part);
bool line_has_letters(const struct solve *solve, struct part part);

/* --- address.c --- */
/* Finds a postal code with its place among the tokens. */
bool address_find(const struct solve *solve, struct part where, struct part *ret_postcode,
                  struct part *ret_city);
/* A line that reads like street and number. */
bool address_is_street(const struct solve *solve, struct part line);
/* A word for a street, a quarter or a building stands in it. */
bool address_has_word(const struct solve *solve, struct part line);
/* ISO code if the tokens are the name or code of a country; NULL: they are not. */
const char *country_of(const struct solve *solve, struct part where);
/* The tokens end with the legal form of a company, or hold one. */
bool name_has_form(const struct solve *solve, struct part where);
/* As that, but only forms that the law knows: no "Restaurant", no "Trading". */
bool name_has_law(const struct solve *solve, struct part where);

/* --- roles.c --- */
void parties_rank(struct solve *solve);

/* --- byparty.c --- */
/* A name without brackets that hold a number: those of a register. */
struct part name_clean(const struct solve *solve, struct part name);
/* Parts that may lie apart as one value of the field. */
void parts_offer(struct solve *solve, struct field *field, const struct part *parts, uint32_t count,
                 float score);

/* --- heading.c --- */
/* Name and address of who issued the document, from the lines at its head. */
void heading_offer(struct solve *solve, struct field *field);
