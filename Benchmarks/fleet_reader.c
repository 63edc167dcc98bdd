// Reads many units at once with one epoll: connects to each, takes its lines, and says how many came and how evenly.
// usage: fleet_reader FIRST-ADDRESS COUNT PORT PERIOD-MS SETTLE-S MEASURE-S
// Prints one line of JSON. Raises its own limit of descriptors; forks where that is not enough.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_PROCESSES = 64, BUCKETS = 1 << 20 };

// What a process tells the first one.
struct part {
    long connected, connected_at, failed, lines, lost, early, broken;
    long gap_count;
};

static struct part *parts;
static unsigned *gaps;  // How often the time between two lines of a unit was off by so many microseconds.

struct unit {
    int descriptor;
    long last_at;
    long expected;  // The counter's next value; -1 before the first line.
    long value;
    int digits;
};

static long microseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000L + time.tv_nsec / 1000;
}

static void line(struct part *part, struct unit *unit, long now, long period, int measures) {
    if (unit->expected >= 0 && unit->value != unit->expected) part->lost += labs(unit->value - unit->expected);
    unit->expected = unit->value + 1;
    if (measures) {
        part->lines++;
        if (unit->last_at > 0) {
            long off = labs(now - unit->last_at - period);
            gaps[off < BUCKETS ? off : BUCKETS - 1]++;
            part->gap_count++;
        }
    }
    unit->last_at = now;
}

static void take(struct part *part, struct unit *unit, long now, long period, int measures, int poll) {
    char bytes[4096];
    for (;;) {
        ssize_t count = recv(unit->descriptor, bytes, sizeof bytes, MSG_DONTWAIT);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (count <= 0) {
            part->broken++;
            epoll_ctl(poll, EPOLL_CTL_DEL, unit->descriptor, NULL);
            close(unit->descriptor);
            return;
        }
        for (ssize_t index = 0; index < count; index++) {
            if (bytes[index] >= '0' && bytes[index] <= '9') {
                unit->value = unit->value * 10 + (bytes[index] - '0');
                unit->digits++;
            } else if (bytes[index] == '\n' && unit->digits > 0) {
                line(part, unit, now, period, measures);
                unit->value = unit->digits = 0;
            } else {
                part->early++;
            }
        }
        if (count < (ssize_t)sizeof bytes) return;
    }
}

static int dial(unsigned address, int port, int poll, long index) {
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
    if (descriptor < 0) return -1;
    if (connect(descriptor, (struct sockaddr *)&target, sizeof target) < 0 && errno != EINPROGRESS) {
        close(descriptor);
        return -1;
    }
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u64 = index};
    epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
    return descriptor;
}

static void run(int process, unsigned first, long begin, long end, int port, long period, long start, long settle, long measure) {
    struct part *part = &parts[process];
    struct unit *units = calloc(end - begin, sizeof *units);
    char *is_connected = calloc(end - begin, 1);
    int poll = epoll_create1(EPOLL_CLOEXEC);
    long dialled = begin;
    struct epoll_event events[1024];
    for (long now = microseconds(); now < start + settle + measure; now = microseconds()) {
        for (int batch = 0; dialled < end && batch < 64; batch++, dialled++) {
            struct unit *unit = &units[dialled - begin];
            unit->expected = -1;
            unit->descriptor = dial(first + dialled, port, poll, dialled - begin);
            if (unit->descriptor < 0) part->failed++;
        }
        int count = epoll_wait(poll, events, 1024, dialled < end ? 0 : 50);
        now = microseconds();
        for (int index = 0; index < count; index++) {
            long number = events[index].data.u64;
            if (!is_connected[number] && !(events[index].events & (EPOLLERR | EPOLLHUP))) {
                is_connected[number] = 1;
                part->connected++;
                part->connected_at = now;
            }
            take(part, &units[number], now, period, now >= start + settle, poll);
        }
    }
    _exit(0);
}

int main(int count, char **words) {
    if (count != 7) {
        fprintf(stderr, "usage: %s FIRST-ADDRESS COUNT PORT PERIOD-MS SETTLE-S MEASURE-S\n", words[0]);
        return 2;
    }
    struct in_addr address;
    if (inet_pton(AF_INET, words[1], &address) != 1) return 2;
    long units = atol(words[2]), period = atol(words[4]) * 1000, settle = atol(words[5]) * 1000000, measure = atol(words[6]) * 1000000;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    long most = (long)limit.rlim_cur - 64;
    int processes = (int)((units + most - 1) / most);
    if (processes > MOST_PROCESSES) return 2;
    parts = mmap(NULL, sizeof *parts * MOST_PROCESSES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned *all = mmap(NULL, sizeof *all * BUCKETS * processes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    long start = microseconds();
    for (int process = 0; process < processes; process++) {
        gaps = all + (long)process * BUCKETS;
        if (fork() == 0)
            run(process, ntohl(address.s_addr), units * process / processes, units * (process + 1) / processes, atoi(words[3]),
                period, start, settle, measure);
    }
    while (wait(NULL) > 0) {}
    struct part sum = {0};
    for (int process = 0; process < processes; process++) {
        struct part *part = &parts[process];
        sum.connected += part->connected;
        if (part->connected_at > sum.connected_at) sum.connected_at = part->connected_at;
        sum.failed += part->failed, sum.lines += part->lines, sum.lost += part->lost, sum.early += part->early;
        sum.broken += part->broken, sum.gap_count += part->gap_count;
    }
    long seen = 0, p50 = -1, p99 = -1, largest = 0;
    for (long off = 0; off < BUCKETS; off++) {
        for (int process = 0; process < processes; process++) seen += all[(long)process * BUCKETS + off];
        if (p50 < 0 && seen * 2 >= sum.gap_count) p50 = off;
        if (p99 < 0 && seen * 100 >= sum.gap_count * 99) p99 = off;
        for (int process = 0; process < processes; process++)
            if (all[(long)process * BUCKETS + off]) largest = off;
    }
    printf("{\"connected\":%ld,\"connect_seconds\":%.3f,\"failed\":%ld,\"broken\":%ld,\"lines\":%ld,\"lost\":%ld,\"garbage\":%ld,"
           "\"gap_p50_us\":%ld,\"gap_p99_us\":%ld,\"gap_max_us\":%ld,\"processes\":%d}\n",
           sum.connected, (sum.connected_at - start) / 1e6, sum.failed, sum.broken, sum.lines, sum.lost, sum.early, p50, p99,
           largest, processes);
    return 0;
}
