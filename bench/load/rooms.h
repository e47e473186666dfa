/* Rooms, who sends in them, and what arrived in them.
 *
 * A frame that goes to many members is the same for all of them: it is read and checked to the last
 * byte once, and compared with that byte by byte for every other member. The order of what a member
 * gets is checked for each message by itself.
 */
#ifndef ROOMS_H
#define ROOMS_H

#include "text.h"

enum { FRAMES_KEPT = 32, SENDERS_AT_MOST = 1000 };

struct item {
    uint32_t place, number; /* of the sender within the room; of the message among that sender's */
    uint64_t at;
};

struct arrival {
    char *bytes;
    size_t length, capacity;
    struct item *items;
    int count, room_for_items;
};

struct room {
    const char *name;
    int senders, members;
    uint64_t turn; /* arrivals so far; the newest FRAMES_KEPT of them are there */
    struct arrival arrivals[FRAMES_KEPT];
};

struct sender {
    struct room *room;
    uint32_t place, sent, acked;
};

static struct room *rooms;
static int room_count;
static struct sender senders[SENDERS_AT_MOST];
static int sender_count;
static size_t text_length;
static uint64_t wrong; /* texts with a byte that nobody sent, or in a room where they do not belong */

static struct room *room_named(const char *name) {
    /* The plan lists the members of a room one after the other. */
    for (int n = room_count - 1; n >= 0; n--)
        if (strcmp(rooms[n].name, name) == 0) return &rooms[n];
    rooms[room_count].name = strdup(name);
    return &rooms[room_count++];
}

/* Find and check the texts in what arrived. */
static void read_items(const struct room *room, struct arrival *arrival) {
    static const char mark[] = "\"text\":\"bench ";
    const size_t begin = sizeof mark - 1 - 6;
    const char *at = arrival->bytes, *end = at + arrival->length;
    arrival->count = 0;
    while ((at = memmem(at, (size_t)(end - at), mark, sizeof mark - 1))) {
        struct said said;
        at += begin;
        if ((size_t)(end - at) <= text_length || !read_text(at, text_length, &said) ||
            said.sender >= (uint32_t)sender_count || senders[said.sender].room != room) {
            wrong++;
            continue;
        }
        if (arrival->count == arrival->room_for_items) {
            arrival->room_for_items = arrival->room_for_items * 2 + 4;
            arrival->items = room_for(
                arrival->items, (size_t)arrival->room_for_items * sizeof(struct item));
        }
        arrival->items[arrival->count++] =
            (struct item){senders[said.sender].place, said.number, said.at};
        at += text_length;
    }
}

/* What these bytes say; `turn` is the member's own place among the arrivals of the room. */
static const struct arrival *read_arrival(
    struct room *room, uint64_t *turn, const char *bytes, size_t length) {
    uint64_t oldest = room->turn > FRAMES_KEPT ? room->turn - FRAMES_KEPT : 0;
    uint64_t first = *turn < oldest ? oldest : *turn;
    for (uint64_t n = 0; n < room->turn - oldest; n++) {
        /* Begin with the one that comes next for this member; it is nearly always that one. */
        uint64_t place = oldest + (first - oldest + n) % (room->turn - oldest);
        struct arrival *known = &room->arrivals[place % FRAMES_KEPT];
        if (known->length == length && memcmp(known->bytes, bytes, length) == 0) {
            *turn = place + 1;
            return known;
        }
    }
    struct arrival *fresh = &room->arrivals[room->turn % FRAMES_KEPT];
    if (fresh->capacity < length) {
        fresh->capacity = length * 2;
        fresh->bytes = room_for(fresh->bytes, fresh->capacity);
    }
    memcpy(fresh->bytes, bytes, length);
    fresh->length = length;
    read_items(room, fresh);
    *turn = ++room->turn;
    return fresh;
}

#endif
