/* The least that a fan-out can cost with one send() per delivery: a server that does nothing else.
 *
 *     floor PORT
 *
 * It speaks the Socket.IO of `servers/stock.py` as far as the load generator needs it, makes the
 * frame of a message once, and sends it to one member of the room after the other. No checks, no
 * queues, one thread: what a person sends fits one read, and a full socket is waited for.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, ROOMS = 1000, SOCKETS = 65536, BYTES = 16384 };

struct room {
    char name[64];
    int members[SOCKETS], count;
};

static struct room *rooms[ROOMS];
static int room_count;
static char is_open[SOCKETS]; /* whether the WebSocket handshake is done */

static void send_all(int fd, const char *data, size_t length) {
    while (length) {
        ssize_t done = send(fd, data, length, MSG_NOSIGNAL);
        if (done < 0 && errno == EAGAIN) {
            struct pollfd full = {.fd = fd, .events = POLLOUT};
            poll(&full, 1, -1);
        } else if (done < 0) {
            return;
        } else {
            data += done;
            length -= (size_t)done;
        }
    }
}

/* The frame of a text, unmasked as servers send; its length. */
static size_t framed(char *to, const char *text, size_t length) {
    size_t head = 2;
    to[0] = (char)0x81;
    to[1] = (char)length;
    if (length > 125) {
        to[1] = 126;
        to[2] = (char)(length >> 8);
        to[3] = (char)length;
        head = 4;
    }
    memcpy(to + head, text, length);
    return head + length;
}

static void say(int fd, const char *text) {
    char frame[BYTES];
    send_all(fd, frame, framed(frame, text, strlen(text)));
}

static struct room *room_named(const char *name) {
    for (int n = 0; n < room_count; n++)
        if (strcmp(rooms[n]->name, name) == 0) return rooms[n];
    if (room_count == ROOMS) exit(1);
    struct room *fresh = rooms[room_count++] = calloc(1, sizeof *fresh);
    snprintf(fresh->name, sizeof fresh->name, "%s", name);
    return fresh;
}

static void send_to_room(const char *name, const char *said) {
    static unsigned last;
    char text[BYTES - 16], frame[BYTES], at[32];
    time_t now = time(NULL);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S.000Z", gmtime(&now));
    last++;
    int length = snprintf(text, sizeof text,
        "42[\"message\",{\"id\":\"%024x\",\"room\":\"%s\",\"seq\":%u,\"at\":\"%s\",\"by\":\"person-1\","
        "\"text\":\"%s\"}]", last, name, last, at, said);
    size_t whole = framed(frame, text, (size_t)length);
    const struct room *room = room_named(name);
    for (int n = 0; n < room->count; n++) send_all(room->members[n], frame, whole);
}

static void heard(int fd, char *text) {
    char name[64], said[BYTES - 512], answer[64];
    unsigned id;
    if (strcmp(text, "40") == 0) {
        say(fd, "40{\"sid\":\"-\"}");
    } else if (sscanf(text, "42%u[\"join\",\"%63[^\"]\"]", &id, name) == 2) {
        struct room *room = room_named(name);
        room->members[room->count++] = fd;
        snprintf(answer, sizeof answer, "43%u[{\"ok\":true}]", id);
        say(fd, answer);
    } else if (sscanf(text, "42%u[\"send\",{\"room\":\"%63[^\"]\",\"text\":\"%15800[^\"]\"}]", &id, name, said) == 3) {
        send_to_room(name, said);
        snprintf(answer, sizeof answer, "43%u[{\"ok\":true}]", id);
        say(fd, answer);
    }
}

/* One masked frame of less than 64 KiB from the beginning of these bytes; its length with its head. */
static size_t take_frame(int fd, unsigned char *from) {
    size_t length = from[1] & 0x7f, head = 6;
    if (length == 126) {
        length = (size_t)from[2] << 8 | from[3];
        head = 8;
    }
    unsigned char *payload = from + head, *mask = payload - 4, text[BYTES];
    for (size_t n = 0; n < length; n++) text[n] = payload[n] ^ mask[n & 3];
    text[length] = 0;
    heard(fd, (char *)text);
    return head + length;
}

static void readable(int fd) {
    static unsigned char data[BYTES];
    ssize_t have = recv(fd, data, sizeof data, 0);
    if (have <= 0) {
        close(fd);
        for (int n = 0; n < room_count; n++)
            for (int each = 0; each < rooms[n]->count; each++)
                if (rooms[n]->members[each] == fd) rooms[n]->members[each--] = rooms[n]->members[--rooms[n]->count];
        is_open[fd] = 0;
        return;
    }
    if (!is_open[fd]) {
        static const char switching[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                        "Connection: Upgrade\r\nSec-WebSocket-Accept: -\r\n\r\n";
        send_all(fd, switching, sizeof switching - 1);
        is_open[fd] = 1;
        say(fd, "0{\"sid\":\"-\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}");
        return;
    }
    for (size_t at = 0; at < (size_t)have;) at += take_frame(fd, data + at);
}

int main(int argc, char **argv) {
    int one = 1, loop = epoll_create1(0), listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[argc - 1]))};
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < SOCKETS ? files.rlim_max : SOCKETS;
    setrlimit(RLIMIT_NOFILE, &files);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1024) < 0) return 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(loop, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[EVENTS];
        int found = epoll_wait(loop, events, EVENTS, -1);
        for (int n = 0; n < found; n++) {
            int fd = events[n].data.fd;
            if (fd != listener) {
                readable(fd);
                continue;
            }
            fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (fd < 0) continue;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            event.data.fd = fd;
            epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
        }
    }
}
