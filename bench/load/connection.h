/* One connection, all of them, what was asked of the run, and what is measured. */
#ifndef CONNECTION_H
#define CONNECTION_H

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

/* Of each node of a site one; connections go to them in turns. */
enum { PORTS_AT_MOST = 16 };
enum { CHUNK = 1 << 18, EVENTS = 256, WINDOW_AT_MOST = 64, SHOWN = 300 };
enum kind { CHAT, ECHO, RIVAL, WS, SSE, BARE, POST, GET, KINDS };
static const char *const kind_names[KINDS] = {
    "chat", "echo", "rival", "ws", "sse", "bare", "post", "get"};

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
static int count, loop, ports[PORTS_AT_MOST], port_count;
static int is_sending, is_measuring;

static int port_of(const struct connection *who) {
    return ports[(who - people) % port_count];
}

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

#endif
