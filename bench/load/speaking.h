/* What a client says: the handshake, the join, its messages. */
#ifndef SPEAKING_H
#define SPEAKING_H

#include "connection.h"

/* Coming in. */

static void shake(struct connection *who) {
    char head[2048];
    char address[600];
    int is_web_socket = who->kind != SSE;
    if (who->kind == SSE)
        snprintf(address, sizeof address, "/api/events?streams=chat:%s", who->room->name);
    else if (who->kind == CHAT || who->kind == ECHO || who->kind == RIVAL)
        snprintf(address, sizeof address, "/socket.io/?EIO=4&transport=websocket");
    else
        snprintf(address, sizeof address, "/ws");
    int length = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", address, port_of(who));
    if (is_web_socket)
        length += snprintf(head + length, sizeof head - (size_t)length,
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n");
    if (who->kind == SSE || who->kind == WS)
        length += snprintf(head + length, sizeof head - (size_t)length,
            "Authorization: Bearer %s\r\n", who->token);
    length += snprintf(head + length, sizeof head - (size_t)length, "\r\n");
    say(who, head, (size_t)length);
    who->state = SHAKING;
}

static void open_connection(struct connection *who) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port_of(who))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    who->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (who->fd < 0) fail("no more sockets: %s", strerror(errno));
    setsockopt(who->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(who->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        fail("nobody listens on port %d: %s", port_of(who), strerror(errno));
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = who};
    epoll_ctl(loop, EPOLL_CTL_ADD, who->fd, &event);
}

static void open_next(void) {
    static int opened;
    if (opened < count) open_connection(&people[opened++]);
}

static void is_there(struct connection *who) {
    if (who->state == THERE) return;
    who->state = THERE;
    there++;
    if (!options.missed) open_next();
}

static void join(struct connection *who) {
    const char *room = who->room->name;
    int has_cursor = strcmp(who->cursor, "-") != 0;
    const char *cursor_name = has_cursor ? ",\"cursor\":" : "";
    const char *cursor = has_cursor ? who->cursor : "";
    who->state = JOINING;
    who->asked = 1;
    if (who->kind == CHAT)
        say_text(who, "42/chat,1[\"room:join\",{\"room\":\"%s\"%s%s}]", room, cursor_name, cursor);
    else if (who->kind == WS)
        say_text(who, "{\"type\":\"room:join\",\"id\":1,\"payload\":{\"room\":\"%s\"%s%s}}", room,
            cursor_name, cursor);
    else if (who->kind == RIVAL)
        say_text(who, "421[\"join\",{\"room\":\"%s\"%s%s}]", room, cursor_name, cursor);
    else
        say_text(who, "421[\"join\",\"%s\"]", room);
}

static void is_connected(struct connection *who) {
    if (who->state >= CONNECTED) return;
    who->state = CONNECTED;
    connected++;
    if (who->room->name[0] == '-' || who->kind == SSE || who->kind == BARE)
        is_there(who);
    else if (options.missed)
        open_next(); /* They join together, later. */
    else
        join(who);
}

/* Sending. */

static void send_message(struct connection *who) {
    char text[TEXT_AT_MOST + 1];
    uint64_t at = now_ns();
    struct sender *sender = who->sender;
    uint32_t number = ++who->asked;
    who->asked_at[number % (WINDOW_AT_MOST * 2)] = at;
    write_text(text, text_length, (uint32_t)(sender - senders), sender->sent++, at);
    text[text_length] = 0;
    const char *room = who->room->name;
    if (who->kind == CHAT)
        say_text(who, "42/chat,%u[\"message:send\",{\"room\":\"%s\",\"text\":\"%s\"}]", number, room, text);
    else if (who->kind == WS)
        say_text(who, "{\"type\":\"message:send\",\"id\":%u,\"payload\":{\"room\":\"%s\",\"text\":\"%s\"}}",
            number, room, text);
    else if (who->kind == ECHO || who->kind == RIVAL)
        say_text(who, "42%u[\"send\",{\"room\":\"%s\",\"text\":\"%s\"}]", number, room, text);
    else {
        char request[TEXT_AT_MOST + 1024], body[TEXT_AT_MOST + 64];
        int length = snprintf(body, sizeof body, "{\"text\":\"%s\"}", text);
        if (who->kind == POST)
            length = snprintf(request, sizeof request,
                "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
                "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                room, port_of(who), who->token, length, body);
        else
            length = snprintf(request, sizeof request,
                "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: %s\r\n\r\n", room, port_of(who), who->token);
        say(who, request, (size_t)length);
    }
}

static void acked(struct connection *who, uint32_t number, const char *answer, size_t length) {
    uint64_t now = now_ns();
    if (memmem(answer, length < 200 ? length : 200, "\"ok\":false", 10)) {
        if (refused++ == 0) fprintf(stderr, "refused: %.*s\n", (int)(length < SHOWN ? length : SHOWN), answer);
        who->sender->sent--; /* Only told apart where nothing is refused, which ends the run. */
        return;
    }
    who->sender->acked++;
    if (is_measuring) {
        messages++;
        note(&acks, now - who->asked_at[number % (WINDOW_AT_MOST * 2)]);
    }
    if (!is_sending) return;
    if (options.pause_ms)
        who->again_at = now + (uint64_t)options.pause_ms * 1000000u;
    else
        send_message(who);
}

#endif
