/* From bytes of a socket to frames, chunks and answers. */
#ifndef READING_H
#define READING_H

#include "hearing.h"

/* Each of these takes one thing from the beginning of what is there: its length, 0 for none. */

static size_t take_frame(struct connection *who, char *from, size_t have) {
    struct frame frame;
    if (!read_frame(from, have, &frame)) {
        who->wanted = frame.whole;
        return 0;
    }
    if (frame.opcode == PING)
        say_frame(who, PONG, frame.payload, frame.length);
    else if (frame.opcode == CLOSE)
        is_gone(who);
    else if (frame.opcode == TEXT && frame.length && who->kind == WS)
        heard_plain(who, frame.payload, frame.length);
    else if (frame.opcode == TEXT && frame.length && who->kind != BARE)
        heard_socket_io(who, frame.payload, frame.length);
    return frame.whole;
}

/* One chunk of an answer without end; Parley puts whole events into each. */
static size_t take_chunk(struct connection *who, char *from, size_t have) {
    char *end = memmem(from, have < 20 ? have : 20, "\r\n", 2);
    if (end == NULL) return 0;
    size_t length = strtoul(from, NULL, 16), head = (size_t)(end + 2 - from);
    who->wanted = head + length + 2;
    if (have < who->wanted) return 0;
    if (length == 0) {
        is_gone(who);
        return have;
    }
    if (who->state < CONNECTED) is_connected(who);
    take(who, from + head, length);
    return head + length + 2;
}

static size_t take_head(struct connection *who, char *from, size_t have) {
    char *end = memmem(from, have, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    const char *wanted = who->kind == SSE ? "HTTP/1.1 200" : "HTTP/1.1 101";
    if (!begins_with(from, have, wanted))
        fail("refused: %.*s", (int)(have < 800 ? have : 800), from);
    who->state = GREETING;
    if (who->kind == BARE) is_connected(who);
    return (size_t)(end + 4 - from);
}

/* One answer to a request. */
static size_t take_answer(struct connection *who, char *from, size_t have) {
    char *end = memmem(from, have, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    size_t length = 0, head = (size_t)(end + 4 - from);
    for (char *line = from; line < end; line++)
        if (strncasecmp(line, "\r\ncontent-length:", 17) == 0) length = strtoul(line + 17, NULL, 10);
    who->wanted = head + length;
    if (have < who->wanted) return 0;
    if (!begins_with(from, have, "HTTP/1.1 20")) fail("refused: %.*s", (int)head, from);
    if (is_measuring) bytes += who->wanted;
    acked(who, who->asked, from, head);
    return head + length;
}

static size_t take_one(struct connection *who, char *from, size_t have) {
    if (who->state == GONE) return have;
    if (who->kind == POST || who->kind == GET) return take_answer(who, from, have);
    if (who->state == SHAKING) return take_head(who, from, have);
    if (who->kind == SSE) return take_chunk(who, from, have);
    return take_frame(who, from, have);
}

/* Read what is there. It is looked at where it lies; only the beginning of something is kept. */
static void readable(struct connection *who) {
    static char shared[CHUNK];
    char *from = shared;
    size_t room = sizeof shared, have = 0;
    if (who->held_length) {
        have = who->held_length;
        size_t wanted = (who->wanted > have ? who->wanted : have) + 4096;
        if (who->held_capacity < wanted) {
            who->held_capacity = wanted;
            who->held = room_for(who->held, wanted);
        }
        from = who->held;
        room = who->held_capacity;
    }
    ssize_t done = recv(who->fd, from + have, room - have, 0);
    if (done < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (done <= 0) {
        is_gone(who);
        return;
    }
    have += (size_t)done;
    size_t at = 0, took;
    who->wanted = 0;
    while (at < have && (took = take_one(who, from + at, have - at))) {
        at += took;
        who->wanted = 0;
    }
    size_t left = have - at;
    if (left && from == shared) {
        if (who->held_capacity < left) {
            who->held_capacity = left + 4096;
            who->held = room_for(who->held, who->held_capacity);
        }
        memcpy(who->held, from + at, left);
    } else if (left) {
        memmove(who->held, from + at, left);
    }
    who->held_length = left;
    if (!left && who->held) { /* Idle connections keep nothing; most frames come whole. */
        free(who->held);
        who->held = NULL;
        who->held_capacity = 0;
    }
}

static void writable(struct connection *who) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(who->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) fail("no connection to port %d: %s", port_of(who), strerror(error));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = who};
    epoll_ctl(loop, EPOLL_CTL_MOD, who->fd, &event);
    if (who->kind == POST || who->kind == GET)
        is_there(who);
    else
        shake(who);
}

static void turn(int wait_ms) {
    struct epoll_event events[EVENTS];
    int found = epoll_wait(loop, events, EVENTS, wait_ms);
    for (int n = 0; n < found; n++) {
        struct connection *who = events[n].data.ptr;
        if (who->state == GONE) continue;
        if (who->state == CONNECTING)
            writable(who);
        else
            readable(who);
    }
}

#endif
