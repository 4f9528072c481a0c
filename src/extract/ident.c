/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/values.h"

#include <ctype.h>
#include <string.h>

/* Letters and digits of text without blanks and dots, upper case, into out[cap]; bytes read. Stops
 * at anything else, and behind most characters. */
static size_t
compact(const char *text, size_t most, char *out, size_t cap)
{
    size_t at = 0, used = 0, end = 0;

    while (used < most && used + 1 < cap) {
        unsigned char c = (unsigned char)text[at];
        if (isalnum(c)) {
            out[used++] = (char)toupper(c);
            end = ++at;
        } else if (c == ' ' || c == '.' || c == '-') {
            at++;
        } else {
            break;
        }
    }
    out[used] = '\0';
    return end;
}

/* Bytes of text that hold the first n letters and digits. */
static size_t
bytes_of(const char *text, size_t n)
{
    size_t at = 0;

    while (n > 0 && text[at] != '\0') {
        n -= isalnum((unsigned char)text[at]) != 0;
        at++;
    }
    return at;
}

static int
mod97(const char *s, size_t len)
{
    int rest = 0;

    for (size_t i = 0; i < len; i++) {
        const int c = toupper((unsigned char)s[(i + 4) % len]);
        if (isdigit(c))
            rest = (rest * 10 + (c - '0')) % 97;
        else
            rest = (rest * 100 + (c - 'A' + 10)) % 97;
    }
    return rest;
}

/* Lengths by country: SWIFT's IBAN registry. */
static size_t
iban_length(const char *code)
{
    static const char table[] =
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29CH21CR22CY28CZ24DE22DK18DO28EE20ES24FI18FO18FR27"
        "GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IS26IT27JO30KW30KZ20LB28LI21LT20LU20LV21MC27MD24"
        "ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SE24SI19SK24SM27TN24TR26UA29"
        "VG24XK20";

    for (const char *at = table; *at != '\0'; at += 4)
        if (at[0] == code[0] && at[1] == code[1])
            return (size_t)((at[2] - '0') * 10 + at[3] - '0');
    return 0;
}

size_t
iban_shape(const char *text, char *ret_text, size_t cap, bool *ret_proved)
{
    enum { LEAST = 15, MOST = 34 };
    size_t used = 0, at = 0, end = 0;

    if (!isupper((unsigned char)text[0]) || !isupper((unsigned char)text[1]) ||
        !isdigit((unsigned char)text[2]) || !isdigit((unsigned char)text[3]))
        return 0;
    while (isalnum((unsigned char)text[at]) && used < MOST && used + 1 < cap) {
        size_t group = 0;
        for (; isalnum((unsigned char)text[at]) && used < MOST && used + 1 < cap; group++)
            ret_text[used++] = text[at++];
        end = at;
        /* Groups of four, the last may be shorter; or all in one. */
        if (text[at] != ' ' || group != 4 || !isdigit((unsigned char)text[at + 1]))
            break;
        at++;
    }
    ret_text[used] = '\0';
    if (used < LEAST || strspn(ret_text + 4, "0123456789") + 4 < LEAST - 4)
        return 0;
    *ret_proved = mod97(ret_text, used) == 1;
    return end;
}

size_t
nrb_parse(const char *text, char *ret_text, size_t cap)
{
    enum { DIGITS = 26 };
    char iban[DIGITS + 3] = "PL";
    size_t n = 0, at = 0;

    while (n < DIGITS && (isdigit((unsigned char)text[at]) || (text[at] == ' ' && n > 0))) {
        if (text[at] != ' ')
            iban[2 + n++] = text[at];
        at++;
    }
    if (n < DIGITS || isalnum((unsigned char)text[at]) || cap <= DIGITS ||
        mod97(iban, DIGITS + 2) != 1)
        return 0;
    memcpy(ret_text, iban + 2, DIGITS + 1);
    return at;
}

size_t
iban_parse(const char *text, char *ret_text, size_t cap, bool *ret_proved)
{
    char all[40];

    if (!isupper((unsigned char)text[0]) || !isupper((unsigned char)text[1]) ||
        !(isdigit((unsigned char)text[2]) || (text[2] == ' ' && isdigit((unsigned char)text[3]))))
        return 0;
    size_t len = iban_length(text);
    if (len == 0 || len + 1 > cap)
        return 0;
    (void)compact(text, len, all, sizeof(all));
    if (strlen(all) != len)
        return 0;
    size_t used = bytes_of(text, len);
    if (isalnum((unsigned char)text[used]))
        return 0;
    *ret_proved = mod97(all, len) == 1;
    /* Without it, digits have to fill the rest as they do in most countries. */
    if (!*ret_proved && strspn(all + 4, "0123456789") < 12)
        return 0;
    memcpy(ret_text, all, len + 1);
    return used;
}

/* --- VAT numbers --- */

static int
digit(char c)
{
    return c - '0';
}

static bool
all_digits(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isdigit((unsigned char)s[i]))
            return false;
    return true;
}

/* ISO 7064 MOD 11,10, as Germany and Croatia use it. */
static bool
mod_11_10(const char *s, size_t n)
{
    int product = 10;

    for (size_t i = 0; i + 1 < n; i++) {
        int sum = (digit(s[i]) + product) % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (11 - product) % 10 == digit(s[n - 1]);
}

static bool
weighted(const char *s, const int *weights, size_t n, int modulus, int check)
{
    int sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += digit(s[i]) * weights[i];
    return sum % modulus == check;
}

/* True if the check digits of the country hold; the form was checked before. */
static bool
vat_holds(const char *code, const char *rest)
{
    static const int pl[] = {6, 5, 7, 2, 3, 4, 5, 6, 7};
    static const int pt[] = {9, 8, 7, 6, 5, 4, 3, 2};
    static const int nl[] = {9, 8, 7, 6, 5, 4, 3, 2};

    if (strcmp(code, "DE") == 0 || strcmp(code, "HR") == 0)
        return mod_11_10(rest, strlen(rest));
    if (strcmp(code, "BE") == 0) {
        int sum = 0;
        for (size_t i = 0; i < 8; i++)
            sum = (sum * 10 + digit(rest[i])) % 97;
        return 97 - sum == digit(rest[8]) * 10 + digit(rest[9]);
    }
    if (strcmp(code, "FR") == 0 && all_digits(rest, 11)) {
        int sum = 0;
        for (size_t i = 2; i < 11; i++)
            sum = (sum * 10 + digit(rest[i])) % 97;
        return (12 + 3 * sum) % 97 == digit(rest[0]) * 10 + digit(rest[1]);
    }
    if (strcmp(code, "IT") == 0 || strcmp(code, "LU") == 0)
        return strcmp(code, "IT") != 0 || luhn_holds(rest);
    if (strcmp(code, "PL") == 0)
        return weighted(rest, pl, 9, 11, digit(rest[9]));
    if (strcmp(code, "PT") == 0) {
        int sum = 0;
        for (size_t i = 0; i < 8; i++)
            sum += digit(rest[i]) * pt[i];
        int check = 11 - sum % 11;
        return (check > 9 ? 0 : check) == digit(rest[8]);
    }
    if (strcmp(code, "NL") == 0)
        return weighted(rest, nl, 8, 11, digit(rest[8]));
    return false;
}

/* Digits behind the country code; letters where N or X stands (A any, 9 a digit). */
static const char *
vat_form(const char *code)
{
    static const struct {
        char code[3];
        const char *form;
    } forms[] = {
        {"AT", "U99999999"},   {"BE", "9999999999"},   {"BG", "999999999"},  {"CY", "99999999A"},
        {"CZ", "99999999"},    {"DE", "999999999"},    {"DK", "99999999"},   {"EE", "999999999"},
        {"EL", "999999999"},   {"ES", "A9999999A"},    {"FI", "99999999"},   {"FR", "AA999999999"},
        {"GB", "999999999"},   {"HR", "99999999999"},  {"HU", "99999999"},   {"IE", "9A99999A"},
        {"IT", "99999999999"}, {"LT", "999999999"},    {"LU", "99999999"},   {"LV", "99999999999"},
        {"MT", "99999999"},    {"NL", "999999999B99"}, {"PL", "9999999999"}, {"PT", "999999999"},
        {"RO", "99999999"},    {"SE", "999999999999"}, {"SI", "99999999"},   {"SK", "9999999999"},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (strcmp(forms[i].code, code) == 0)
            return forms[i].form;
    return NULL;
}

size_t
vat_parse(const char *text, char *ret_text, size_t cap, bool *ret_proved)
{
    char code[3] = {0}, all[24] = "";

    if (strncmp(text, "CHE", 3) == 0) {
        (void)compact(text, 12, all, sizeof(all));
        if (strlen(all) != 12 || !all_digits(all + 3, 9) || cap < 13)
            return 0;
        memcpy(ret_text, all, 13);
        *ret_proved = false;
        return bytes_of(text, 12);
    }
    if (!isupper((unsigned char)text[0]) || !isupper((unsigned char)text[1]))
        return 0;
    memcpy(code, text, 2);
    const char *form = vat_form(code);
    if (form == NULL)
        return 0;
    size_t len = 2 + strlen(form);
    (void)compact(text, len, all, sizeof(all));
    if (strlen(all) != len || len + 1 > cap)
        return 0;
    for (size_t i = 2; i < len; i++) {
        char want = form[i - 2], is = all[i];
        if (want == '9' ? !isdigit((unsigned char)is) : want != 'A' && want != is)
            return 0;
    }
    size_t used = bytes_of(text, len);
    if (isalnum((unsigned char)text[used]))
        return 0;
    memcpy(ret_text, all, len + 1);
    *ret_proved = vat_holds(code, all + 2);
    return used;
}

size_t
bic_parse(const char *text, char *ret_text, size_t cap)
{
    size_t n = 0;

    while (isupper((unsigned char)text[n]) || isdigit((unsigned char)text[n]))
        n++;
    if ((n != 8 && n != 11) || isalnum((unsigned char)text[n]) || n + 1 > cap)
        return 0;
    for (size_t i = 0; i < 6; i++)
        if (!isupper((unsigned char)text[i]))
            return 0;
    if (iban_length(text + 4) == 0 && strncmp(text + 4, "US", 2) != 0 &&
        strncmp(text + 4, "MY", 2) != 0 && strncmp(text + 4, "JP", 2) != 0)
        return 0;
    memcpy(ret_text, text, n);
    ret_text[n] = '\0';
    return n;
}

size_t
email_parse(const char *text)
{
    size_t n = 0, dots = 0;

    while (isalnum((unsigned char)text[n]) || (text[n] != '\0' && strchr("._%+-", text[n]) != NULL))
        n++;
    if (n == 0 || text[n] != '@')
        return 0;
    size_t at = ++n;
    while (isalnum((unsigned char)text[n]) || text[n] == '-' || text[n] == '.') {
        dots += text[n] == '.' && isalnum((unsigned char)text[n + 1]);
        n++;
    }
    while (n > at && (text[n - 1] == '.' || text[n - 1] == '-'))
        n--;
    return dots > 0 && n > at + 3 ? n : 0;
}

size_t
url_recognise(const char *text)
{
    size_t n = 0;

    if (strncasecmp(text, "http://", 7) != 0 && strncasecmp(text, "https://", 8) != 0 &&
        strncasecmp(text, "www.", 4) != 0)
        return 0;
    while (text[n] > ' ' && strchr("<>\"(),;", text[n]) == NULL)
        n++;
    while (n > 0 && text[n - 1] == '.')
        n--;
    return n > 6 ? n : 0;
}

size_t
phone_parse(const char *text, int *ret_digits)
{
    size_t n = 0, end = 0;
    int digits = 0;

    if (text[0] != '+' && text[0] != '(' && !isdigit((unsigned char)text[0]))
        return 0;
    for (;; n++) {
        if (isdigit((unsigned char)text[n])) {
            digits++;
            end = n + 1;
        } else if (text[n] == '\0' || strchr("+-/() .", text[n]) == NULL) {
            break;
        }
    }
    *ret_digits = digits;
    return digits >= 6 && digits <= 16 ? end : 0;
}

bool
luhn_holds(const char *digits)
{
    size_t n = strlen(digits);
    int sum = 0;

    for (size_t i = 0; i < n; i++) {
        int d = digit(digits[n - 1 - i]);
        if (d < 0 || d > 9)
            return false;
        if (i % 2 == 1)
            d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return n > 0 && sum % 10 == 0;
}
