/* A load of people on one server: connects them, lets some of them send, and checks what all get.
 *
 *     load PORT [name=value ...] < plan
 *
 * The plan has a line for each connection: `KIND SENDS ROOM TOKEN CURSOR`, `-` for what it has not.
 * KIND is the way in which the server is spoken to: `chat`, `ws` and `sse` are Parley's, `echo` is
 * Socket.IO with a `join` and a `send` event, `bare` a WebSocket that is only opened, `post` a
 * message over HTTP after the other (ROOM is the path) and `get` a page (TOKEN is the cookie).
 *
 * Says `{"ready": ...}` once everybody is there. Each further line of standard input is a round:
 * `{"began": ...}` is said when the warm-up is over, `{"measured": ...}` when the time is, and
 * `{"checked": ...}` when everything that was sent has arrived, or did not within a minute.
 */
#include "common.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "histogram.h"
#include "rooms.h"

enum { CHUNK = 1 << 18, EVENTS = 256, WINDOW_AT_MOST = 64, SHOWN = 300 };
enum kind { CHAT, ECHO, WS, SSE, BARE, POST, GET, KINDS };
static const char *const kind_names[KINDS] = {"chat", "echo", "ws", "sse", "bare", "post", "get"};

enum state { CONNECTING, SHAKING, GREETING, CONNECTED, JOINING, THERE, GONE };

struct connection {
    int fd;
    enum kind kind;
    enum state state;
    const char *token, *cursor;
    struct room *room;
    struct sender *sender;                /* of those who send */
    uint32_t asked;                       /* the number of the latest event that wants an ack */
    uint64_t asked_at[WINDOW_AT_MOST * 2]; /* by number */
    uint64_t again_at;                    /* when a sender with a pause sends again */
    uint64_t turn, got;
    uint32_t *next; /* the number that comes next, by sender of the room */
    char *held;     /* the beginning of something that is not all there */
    size_t held_length, held_capacity, wanted;
};

/* What the command line says. */
static struct {
    long window, seconds_ms, warm_ms, text, at_once, pause_ms, missed, drain_ms;
} options = {1, 5000, 1000, 85, 50, 0, 0, 60000};

static struct connection *people;
static int count, loop, port;
static int is_sending, is_measuring;

/* What is measured. */
static struct histogram latencies, acks;
static uint64_t deliveries, messages, frames, bytes, misordered, lost, refused;
static uint64_t delivered_ever, there, connected;

static void say(struct connection *who, const char *data, size_t length) {
    /* What a client says fits the socket's buffer at all times: a few small frames. */
    ssize_t done = send(who->fd, data, length, MSG_NOSIGNAL);
    if (done != (ssize_t)length && who->state != GONE) {
        if (errno != EPIPE && errno != ECONNRESET) fail("a send stopped short: %s", strerror(errno));
    }
}

static void say_frame(struct connection *who, int opcode, const char *payload, size_t length) {
    char frame[TEXT_AT_MOST + 2048];
    if (length + FRAME_HEAD > sizeof frame) fail("a frame is too long");
    say(who, frame, write_frame(frame, opcode, payload, length));
}

__attribute__((format(printf, 2, 3))) static void say_text(
    struct connection *who, const char *format, ...) {
    char text[TEXT_AT_MOST + 1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    say_frame(who, TEXT, text, (size_t)length);
}

/* Coming in. */

static void shake(struct connection *who) {
    char head[2048];
    char address[600];
    int is_web_socket = who->kind != SSE;
    if (who->kind == SSE)
        snprintf(address, sizeof address, "/api/events?streams=chat:%s", who->room->name);
    else if (who->kind == CHAT || who->kind == ECHO)
        snprintf(address, sizeof address, "/socket.io/?EIO=4&transport=websocket");
    else
        snprintf(address, sizeof address, "/ws");
    int length = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", address, port);
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
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    who->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (who->fd < 0) fail("no more sockets: %s", strerror(errno));
    setsockopt(who->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(who->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS)
        fail("nobody listens on port %d: %s", port, strerror(errno));
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
    else if (who->kind == ECHO)
        say_text(who, "42%u[\"send\",{\"room\":\"%s\",\"text\":\"%s\"}]", number, room, text);
    else {
        char request[TEXT_AT_MOST + 1024], body[TEXT_AT_MOST + 64];
        int length = snprintf(body, sizeof body, "{\"text\":\"%s\"}", text);
        if (who->kind == POST)
            length = snprintf(request, sizeof request,
                "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
                "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                room, port, who->token, length, body);
        else
            length = snprintf(request, sizeof request,
                "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: %s\r\n\r\n", room, port, who->token);
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
    static const char *const spaces[] = {"/chat,", ""};
    const char *space = spaces[who->kind == ECHO];
    size_t past = 2 + strlen(space);
    if (text[0] == '0') {
        if (who->kind == CHAT)
            say_text(who, "40/chat,{\"token\":\"%s\"}", who->token);
        else
            say_text(who, "40");
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
    if (error) fail("no connection to port %d: %s", port, strerror(error));
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
    port = atoi(argv[1]);
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

/* The run. */

static double processor_s(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void send_again(void) {
    uint64_t now = now_ns();
    for (int n = 0; n < count; n++) {
        if (people[n].again_at == 0 || people[n].again_at > now) continue;
        people[n].again_at = 0;
        send_message(&people[n]);
    }
}

static void run_for(long ms) {
    uint64_t end = now_ns() + (uint64_t)ms * 1000000u;
    while (now_ns() < end && !refused) {
        turn(options.pause_ms ? 1 : 20);
        if (options.pause_ms) send_again();
    }
    if (refused) fail("the server refused a message");
}

static void everybody_comes(void) {
    uint64_t began = now_ns();
    for (int n = 0; n < options.at_once; n++) open_next();
    while ((options.missed ? connected : there) < (uint64_t)count) turn(1000);
    double took = (double)(now_ns() - began) / 1e9;
    printf("{\"ready\": %d, \"took_s\": %.4f, \"cpu_s\": %.4f}\n", count, took, processor_s());
}

/* Whether there is another round. Pings are answered meanwhile. */
static int wait_for_line(void) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(loop, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    for (;;) {
        struct epoll_event events[EVENTS];
        int found = epoll_wait(loop, events, EVENTS, -1);
        for (int n = 0; n < found; n++) {
            if (events[n].data.ptr == NULL) {
                char line[100];
                ssize_t length = read(STDIN_FILENO, line, sizeof line);
                epoll_ctl(loop, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
                return length > 0;
            }
            struct connection *who = events[n].data.ptr;
            if (who->state != GONE) readable(who);
        }
    }
}

static void begin_sending(void) {
    is_sending = 1;
    for (int n = 0; n < count; n++)
        for (long each = 0; people[n].sender && each < options.window; each++) send_message(&people[n]);
}

static uint64_t expected(void) {
    uint64_t all = 0;
    for (int n = 0; n < sender_count; n++) all += (uint64_t)senders[n].sent * (uint64_t)senders[n].room->members;
    return all;
}

static uint64_t missing(void) {
    uint64_t all = 0;
    for (int n = 0; n < count; n++) {
        const struct connection *who = &people[n];
        if (who->state == GONE || who->kind == POST || who->kind == GET) continue;
        for (int each = 0; each < sender_count; each++)
            if (senders[each].room == who->room) all += senders[each].sent - who->next[senders[each].place];
    }
    return all;
}

static void begin_anew(void) {
    memset(&latencies, 0, sizeof latencies);
    memset(&acks, 0, sizeof acks);
    deliveries = messages = frames = bytes = misordered = wrong = 0;
}

static void measure(void) {
    begin_sending();
    run_for(options.warm_ms);
    is_measuring = 1;
    double used = processor_s();
    uint64_t began = now_ns();
    printf("{\"began\": true}\n");
    run_for(options.seconds_ms);
    is_measuring = is_sending = 0;
    double took = (double)(now_ns() - began) / 1e9;
    printf("{\"measured\": true, \"took_s\": %.4f, \"cpu_s\": %.4f}\n", took, processor_s() - used);
}

/* All of them ask at once for what they missed. */
static void resume(void) {
    senders[0] = (struct sender){people[0].room, 0, (uint32_t)options.missed, 0};
    sender_count = 1;
    double used = processor_s();
    uint64_t began = now_ns();
    printf("{\"began\": true}\n");
    is_measuring = 1;
    for (int n = 0; n < count; n++) {
        people[n].asked_at[0] = now_ns();
        join(&people[n]);
    }
    while (there < (uint64_t)count) turn(1000);
    is_measuring = 0;
    double took = (double)(now_ns() - began) / 1e9;
    printf("{\"measured\": true, \"took_s\": %.4f, \"cpu_s\": %.4f}\n", took, processor_s() - used);
}

static int is_all_acked(void) {
    for (int n = 0; n < sender_count; n++)
        if (senders[n].acked < senders[n].sent) return 0;
    return 1;
}

static void report(void) {
    uint64_t end = now_ns() + (uint64_t)options.drain_ms * 1000000u;
    while (((delivered_ever < expected() && missing()) || (!options.missed && !is_all_acked())) && now_ns() < end)
        turn(20);
    printf("{\"checked\": true, \"deliveries\": %llu, \"messages\": %llu, \"frames\": %llu, \"bytes\": %llu, "
           "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"ack_p50_ms\": %.3f, \"ack_p99_ms\": %.3f, "
           "\"wrong\": %llu, \"misordered\": %llu, \"missing\": %llu, \"lost\": %llu}\n",
        (unsigned long long)deliveries, (unsigned long long)messages, (unsigned long long)frames,
        (unsigned long long)bytes, percentile(&latencies, 50), percentile(&latencies, 99),
        percentile(&acks, 50), percentile(&acks, 99), (unsigned long long)wrong,
        (unsigned long long)misordered, (unsigned long long)missing(), (unsigned long long)lost);
}

int main(int argc, char **argv) {
    struct rlimit files;
    setvbuf(stdout, NULL, _IOLBF, 0);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    read_options(argc, argv);
    read_plan();
    loop = epoll_create1(0);
    everybody_comes();
    while (wait_for_line()) {
        begin_anew();
        if (options.missed)
            resume();
        else
            measure();
        report();
    }
    return 0;
}
