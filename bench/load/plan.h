/* The plan of connections and the options of the command line. */
#ifndef PLAN_H
#define PLAN_H

#include "connection.h"

/* The plan. */

static void read_plan(void) {
    static char line[4096], kind[16], room[600], token[2048], cursor[32];
    int capacity = 0, sends;
    while (fgets(line, sizeof line, stdin) && line[0] != '\n') {
        if (sscanf(line, "%15s %d %599s %2047s %31s", kind, &sends, room, token, cursor) != 5)
            fail("no line of a plan: %s", line);
        if (count == capacity) {
            capacity = capacity * 2 + 64;
            people = room_for(people, (size_t)capacity * sizeof *people);
            rooms = room_for(rooms, (size_t)capacity * sizeof *rooms);
            memset(rooms + room_count, 0, (size_t)(capacity - room_count) * sizeof *rooms);
        }
        struct connection *who = &people[count++];
        *who = (struct connection){.token = strdup(token), .cursor = strdup(cursor)};
        while (who->kind < KINDS && strcmp(kind, kind_names[who->kind]) != 0) who->kind++;
        if (who->kind == KINDS) fail("there is no kind %s", kind);
        size_t at = (size_t)(room_named(room) - rooms);
        who->room = (struct room *)at; /* A place until the list stands still. */
        who->sender = (struct sender *)(uintptr_t)sends;
    }
    for (int n = 0; n < count; n++) {
        struct connection *who = &people[n];
        who->room = &rooms[(size_t)who->room];
        if (who->kind != POST && who->kind != GET) who->room->members++;
        if (who->sender == NULL) continue;
        if (sender_count == SENDERS_AT_MOST) fail("too many senders");
        who->sender = &senders[sender_count++];
        *who->sender = (struct sender){who->room, (uint32_t)who->room->senders++, 0, 0};
    }
    for (int n = 0; n < count; n++) {
        size_t each = (size_t)people[n].room->senders + 1;
        people[n].next = room_for(NULL, each * sizeof(uint32_t));
        memset(people[n].next, 0, each * sizeof(uint32_t));
    }
}

static void read_options(int argc, char **argv) {
    static const struct {
        const char *name;
        long *value;
    } known[] = {{"window=", &options.window}, {"seconds_ms=", &options.seconds_ms},
        {"warm_ms=", &options.warm_ms}, {"text=", &options.text}, {"at_once=", &options.at_once},
        {"pause_ms=", &options.pause_ms}, {"missed=", &options.missed},
        {"drain_ms=", &options.drain_ms}};
    if (argc < 2) fail("usage: load PORT [name=value ...] < plan");
    for (const char *rest = argv[1]; rest && port_count < PORTS_AT_MOST; rest = strchr(rest, ',')) {
        if (*rest == ',') rest++;
        ports[port_count++] = atoi(rest);
    }
    for (int n = 2; n < argc; n++) {
        size_t each = 0, all = sizeof known / sizeof *known;
        while (each < all && strncmp(argv[n], known[each].name, strlen(known[each].name)) != 0) each++;
        if (each == all) fail("there is no option %s", argv[n]);
        *known[each].value = atol(argv[n] + strlen(known[each].name));
    }
    if (options.window > WINDOW_AT_MOST) fail("the window is at most %d", WINDOW_AT_MOST);
    if (options.text <= HEAD || options.text > TEXT_AT_MOST) fail("a text has %d bytes or more", HEAD + 1);
    text_length = (size_t)options.text;
}

#endif
