/* The texts that are sent. Each says who sent it, its number and when; all the rest follows from
 * these, so that a receiver can tell every single byte.
 *
 *     bench SSSSS NNNNNNNN TTTTTTTTTTTTTTTT words...
 */
#ifndef TEXT_H
#define TEXT_H

#include "common.h"

enum { HEAD = 6 + 6 + 9 + 17, TEXT_AT_MOST = 4096 };

static void write_words(char *to, size_t length, uint32_t sender, uint32_t number) {
    for (size_t n = 0; n < length; n++) {
        int is_space = n % 8 == 7 && n + 1 < length; /* what ends with a space may be trimmed */
        to[n] = is_space ? ' ' : (char)('a' + (sender * 7 + number * 13 + n) % 26);
    }
}

static void write_text(char *to, size_t length, uint32_t sender, uint32_t number, uint64_t at) {
    snprintf(to, HEAD + 1, "bench %05u %08u %016llx ", sender, number, (unsigned long long)at);
    write_words(to + HEAD, length - HEAD, sender, number);
}

/* Digits of a fixed width; the position of the first byte that is none is not of interest. */
static uint64_t digits(const char *from, int width, int base) {
    char copy[20];
    memcpy(copy, from, (size_t)width);
    copy[width] = 0;
    return strtoull(copy, NULL, base);
}

struct said {
    uint32_t sender, number;
    uint64_t at;
};

/* Whether this is a text of ours to the last byte; who said it, and when. */
static int read_text(const char *from, size_t length, struct said *said) {
    char words[TEXT_AT_MOST];
    said->sender = (uint32_t)digits(from + 6, 5, 10);
    said->number = (uint32_t)digits(from + 12, 8, 10);
    said->at = digits(from + 21, 16, 16);
    write_words(words, length - HEAD, said->sender, said->number);
    return memcmp(words, from + HEAD, length - HEAD) == 0 && from[length] == '"';
}

#endif
