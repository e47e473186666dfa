/* A load of people on one server: connects them, lets some of them send, and checks what all get.
 *
 *     load PORT[,PORT ...] [name=value ...] < plan
 *
 * Connections go to the ports in turns.
 *
 * The plan has a line for each connection: `KIND SENDS ROOM TOKEN CURSOR`, `-` for what it has not.
 * KIND is the way in which the server is spoken to: `chat`, `ws` and `sse` are Parley's, `echo` is
 * Socket.IO with a `join` and a `send` event, `rival` the same with a token and a cursor, `bare` a
 * WebSocket that is only opened, `post` a message over HTTP after the other (ROOM is the path) and
 * `get` a page (TOKEN is the cookie).
 *
 * Says `{"ready": ...}` once everybody is there. Each further line of standard input is a round:
 * `{"began": ...}` is said when the warm-up is over, `{"measured": ...}` when the time is, and
 * `{"checked": ...}` when everything that was sent has arrived, or did not within a minute.
 */
#include "plan.h"
#include "reading.h"

/* The run. */

enum { PATIENCE_S = 30 };

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

/* Whether everybody who sends was answered since `before`. */
static int is_each_answered(const uint32_t *before) {
    for (int n = 0; n < sender_count; n++)
        if (senders[n].acked <= before[n]) return 0;
    return 1;
}

/* So long, and longer where a server is so slow that nothing would be seen of it. */
static void run_for(long ms) {
    uint32_t before[SENDERS_AT_MOST];
    for (int n = 0; n < sender_count; n++) before[n] = senders[n].acked;
    uint64_t began = now_ns(), end = began + (uint64_t)ms * 1000000u;
    uint64_t latest = end + (uint64_t)PATIENCE_S * 1000000000u;
    while (!refused && (now_ns() < end || (!is_each_answered(before) && now_ns() < latest))) {
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
