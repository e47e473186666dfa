/* What a client makes of what the server says. */
#ifndef HEARING_H
#define HEARING_H

#include "speaking.h"

/* Receiving. */

static void take(struct connection *who, const char *text, size_t length) {
    const struct arrival *arrival = read_arrival(who->room, &who->turn, text, length);
    uint64_t now = arrival->count ? now_ns() : 0;
    for (int n = 0; n < arrival->count; n++) {
        const struct item *item = &arrival->items[n];
        if (item->number != who->next[item->place]) misordered++;
        who->next[item->place] = item->number + 1;
        if (is_measuring && item->at) note(&latencies, now - item->at);
    }
    who->got += (uint64_t)arrival->count;
    delivered_ever += (uint64_t)arrival->count;
    if (is_measuring) {
        deliveries += (uint64_t)arrival->count;
        frames++;
        bytes += length;
    }
}

/* The digits at `from`; where they end. */
static const char *number_at(const char *from, uint64_t *number) {
    for (*number = 0; *from >= '0' && *from <= '9'; from++)
        *number = *number * 10 + (uint64_t)(*from - '0');
    return from;
}

/* The answer to a join or a sync: what was missed, in pages. */
static void joined(struct connection *who, const char *text, size_t length) {
    if (memmem(text, length < 100 ? length : 100, "\"ok\":false", 10))
        fail("the join was refused: %.*s", (int)(length < SHOWN ? length : SHOWN), text);
    if (options.missed) {
        take(who, text, length);
        if (memmem(text, length, "\"more\":true", 11)) {
            const char *rev = memmem(text, length, "\"rev\":", 6);
            uint64_t cursor;
            number_at(rev + 6, &cursor);
            who->asked++;
            if (who->kind == RIVAL)
                say_text(who, "42%u[\"sync\",{\"room\":\"%s\",\"cursor\":%llu}]", who->asked,
                    who->room->name, (unsigned long long)cursor);
            else
                say_text(who, "42/chat,%u[\"room:sync\",{\"room\":\"%s\",\"cursor\":%llu}]", who->asked,
                    who->room->name, (unsigned long long)cursor);
            return;
        }
        note(&latencies, now_ns() - who->asked_at[0]);
    }
    is_there(who);
}

static void answered(struct connection *who, uint64_t number, const char *text, size_t length) {
    if (who->state == JOINING)
        joined(who, text, length);
    else
        acked(who, (uint32_t)number, text, length);
}

static void heard_socket_io(struct connection *who, const char *text, size_t length) {
    const char *space = who->kind == CHAT ? "/chat," : "";
    size_t past = 2 + strlen(space);
    if (text[0] == '0') {
        if (who->kind == ECHO)
            say_text(who, "40");
        else
            say_text(who, "40%s{\"token\":\"%s\"}", space, who->token);
    } else if (text[0] == '2') {
        say_text(who, "3");
    } else if (begins_with(text, length, "40")) {
        is_connected(who);
    } else if (begins_with(text, length, "43")) {
        uint64_t number;
        number_at(text + past, &number);
        answered(who, number, text, length);
    } else if (begins_with(text, length, "42")) {
        if (begins_with(text + past, length - past, "[\"message")) take(who, text, length);
    } else {
        fail("the server says %.*s", (int)(length < SHOWN ? length : SHOWN), text);
    }
}

static void heard_plain(struct connection *who, const char *text, size_t length) {
    if (begins_with(text, length, "{\"type\":\"ack\"")) {
        const char *id = memmem(text, length < 200 ? length : 200, "\"id\":", 5);
        uint64_t number;
        number_at(id + 5, &number);
        answered(who, number, text, length);
    } else if (begins_with(text, length, "{\"type\":\"chat\"")) {
        take(who, text, length);
    } else if (begins_with(text, length, "{\"type\":\"ready\"")) {
        is_connected(who);
    } else if (begins_with(text, length, "{\"type\":\"error\"")) {
        fail("the server says %.*s", (int)(length < SHOWN ? length : SHOWN), text);
    }
}

static void is_gone(struct connection *who) {
    if (who->state < THERE) fail("the server closed a connection before it was in the room");
    if (who->state == GONE) return;
    who->state = GONE;
    lost++;
    epoll_ctl(loop, EPOLL_CTL_DEL, who->fd, NULL);
    close(who->fd);
}

#endif
