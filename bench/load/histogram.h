/* Latencies in buckets of about 1.5 percent, from a microsecond to a minute. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include "common.h"

enum { STEPS = 64, BUCKETS = 64 * STEPS };

struct histogram {
    uint64_t count, bucket[BUCKETS];
};

static inline void note(struct histogram *all, uint64_t ns) {
    uint64_t us = ns / 1000 + STEPS; /* so that the smallest ones have buckets of their own */
    int power = 63 - __builtin_clzll(us);
    int step = (int)((us >> (power - 6)) & (STEPS - 1));
    all->bucket[power * STEPS + step]++;
    all->count++;
}

/* Milliseconds below which so many of a hundred lie. */
static inline double percentile(const struct histogram *all, double share) {
    uint64_t wanted = (uint64_t)((double)all->count * share / 100.0), seen = 0;
    for (int n = 0; n < BUCKETS; n++) {
        seen += all->bucket[n];
        if (seen > wanted || (all->count && seen == all->count)) {
            int power = n / STEPS;
            uint64_t us = (uint64_t)(n % STEPS + STEPS) << (power - 6);
            return (double)(us - STEPS) / 1000.0;
        }
    }
    return 0;
}

#endif
