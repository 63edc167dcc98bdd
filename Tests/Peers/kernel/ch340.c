/* A CH340 on a bus of the running kernel, over USB/IP: the other end of a socket that vhci_hcd is handed.
 *
 * usage: ch340 UART
 * UART is a file to which the chip's serial side is written as frames (type, two bytes of length, content): D bytes,
 * B bits a second in four bytes, M one byte of lines (1 DTR, 2 RTS asserted). What is read from it, as it is, goes to
 * the host. On stdout, a line of JSON for each thing that the driver asks of the chip.
 *
 * Sources: the chip's registers as collected for this project; Linux, Documentation/usb/usbip_protocol.rst.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CMD_SUBMIT = 1, CMD_UNLINK = 2, RET_SUBMIT = 3, RET_UNLINK = 4 };
enum { FULL_SPEED = 2, DEVICE_ID = 0x10002, CONTROL = 0, INTERRUPT_IN = 1, BULK = 2 };
enum { PACKET = 32, TRANSFER_LIMIT = 1 << 16, PENDING_LIMIT = 16, RECEIVED_LIMIT = 1 << 16 };

/* The registers that a driver names, two at a time. */
enum { PRESCALER = 0x12, DIVISOR = 0x13, LINE_CONTROL = 0x18, STATUS = 0x06, STATUS_HIGH = 0x07 };
enum { LINE_RECEIVES = 0x80, LINE_SENDS = 0x40 };
enum { READ_VERSION = 0x5f, READ_REGISTERS = 0x95, WRITE_REGISTERS = 0x9a, SERIAL_INIT = 0xa1, MODEM_CONTROL = 0xa4 };
enum { CRYSTAL = 48000000 };

struct header {
    uint32_t command, sequence, device, direction, endpoint;
    union {
        struct {
            uint32_t flags;
            int32_t length;
            int32_t start, packets, interval;
            uint8_t setup[8];
        } submit;
        struct {
            int32_t status, actual, start, packets, errors;
            uint8_t padding[8];
        } submitted;
        struct {
            uint32_t sequence;
            uint8_t padding[24];
        } unlink;
        struct {
            int32_t status;
            uint8_t padding[24];
        } unlinked;
    };
};
_Static_assert(sizeof(struct header) == 48, "a USB/IP header has 48 bytes");

struct pending {
    uint32_t sequence, endpoint, length;
};

static const uint8_t device_descriptor[] = {
    18, 1, 0x10, 0x01, 0xff, 0, 0, 8, 0x86, 0x1a, 0x23, 0x75, 0x64, 0x02, 0, 2, 0, 1,
};
static const uint8_t configuration_descriptor[] = {
    9, 2, 39, 0, 1, 1, 0, 0x80, 49,
    9, 4, 0, 0, 3, 0xff, 1, 2, 0,
    7, 5, 0x82, 2, PACKET, 0, 0,
    7, 5, 0x02, 2, PACKET, 0, 0,
    7, 5, 0x81, 3, 8, 0, 1,
};
static const char product[] = "USB2.0-Serial";

static int host, uart;
static uint8_t registers[256];
static struct pending waiting[PENDING_LIMIT];
static unsigned waiting_count;
static uint8_t received[RECEIVED_LIMIT];
static unsigned received_count;

static void fail(const char *what) {
    fprintf(stderr, "ch340: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void write_all(int file, const void *bytes, size_t count) {
    for (const uint8_t *next = bytes; count > 0;) {
        ssize_t done = write(file, next, count);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) fail("write");
        next += done;
        count -= done;
    }
}

/* False when the kernel has closed its end. */
static bool read_all(int file, void *bytes, size_t count) {
    for (uint8_t *next = bytes; count > 0;) {
        ssize_t done = read(file, next, count);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        next += done;
        count -= done;
    }
    return true;
}

static long long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void to_uart(char type, const void *content, uint16_t count) {
    uint8_t frame[3 + TRANSFER_LIMIT] = {type, count >> 8, count};
    memcpy(frame + 3, content, count);
    write_all(uart, frame, 3 + count);
}

static void tell_baud(void) {
    unsigned prescaler = registers[PRESCALER] & 3, factor = registers[PRESCALER] >> 2 & 1;
    double baud = (double)CRYSTAL / (1 << (12 - 3 * prescaler - factor)) / (256 - registers[DIVISOR]);
    uint32_t rounded = baud + 0.5, big = htonl(rounded);
    printf("{\"ms\": %lld, \"baud\": %u}\n", milliseconds(), rounded);
    to_uart('B', &big, sizeof big);
}

static void tell_lines(uint16_t value) {
    bool dtr = !(value & 0x20), rts = !(value & 0x40);
    uint8_t lines = dtr | rts << 1;
    printf("{\"ms\": %lld, \"dtr\": %d, \"rts\": %d}\n", milliseconds(), dtr, rts);
    to_uart('M', &lines, 1);
}

static void answer(uint32_t sequence, int32_t status, uint32_t actual, const void *content, uint32_t count) {
    struct header reply = {.command = htonl(RET_SUBMIT), .sequence = htonl(sequence)};
    reply.submitted.status = htonl(status);
    reply.submitted.actual = htonl(actual);
    write_all(host, &reply, sizeof reply);
    if (count > 0) write_all(host, content, count);
}

/* The content for the host of at most 256 bytes, or an error below zero. */
static int standard_request(const uint8_t *setup, uint8_t *content) {
    enum { GET_DESCRIPTOR = 6, DEVICE = 1, CONFIGURATION = 2, STRING = 3 };
    if (setup[1] != GET_DESCRIPTOR) {
        memset(content, 0, 2);
        return setup[0] & 0x80 ? 2 : 0;
    }
    if (setup[3] == DEVICE) {
        memcpy(content, device_descriptor, sizeof device_descriptor);
        return sizeof device_descriptor;
    }
    if (setup[3] == CONFIGURATION) {
        memcpy(content, configuration_descriptor, sizeof configuration_descriptor);
        return sizeof configuration_descriptor;
    }
    if (setup[3] != STRING || (setup[2] != 0 && setup[2] != 2)) return -EPIPE;
    static const uint8_t languages[] = {4, 3, 0x09, 0x04};
    if (setup[2] == 0) {
        memcpy(content, languages, sizeof languages);
        return sizeof languages;
    }
    int count = 2;
    for (const char *next = product; *next; next++) {
        content[count++] = *next;
        content[count++] = 0;
    }
    content[0] = count;
    content[1] = STRING;
    return count;
}

static int vendor_request(const uint8_t *setup, uint8_t *content) {
    uint16_t value = setup[2] | setup[3] << 8, index = setup[4] | setup[5] << 8;
    uint8_t low = value, high = value >> 8;
    switch (setup[1]) {
    case READ_VERSION:
        content[0] = 0x31;
        content[1] = 0;
        return 2;
    case READ_REGISTERS:
        content[0] = registers[low];
        content[1] = registers[high];
        return 2;
    case WRITE_REGISTERS:
        registers[low] = index;
        registers[high] = index >> 8;
        if (low == PRESCALER && high == DIVISOR) tell_baud();
        if (low == LINE_CONTROL)
            printf("{\"ms\": %lld, \"line control\": \"%02x\"}\n", milliseconds(), registers[LINE_CONTROL]);
        return 0;
    case SERIAL_INIT:
        return 0;
    case MODEM_CONTROL:
        tell_lines(value);
        return 0;
    default:
        printf("{\"ms\": %lld, \"unknown request\": \"%02x\"}\n", milliseconds(), setup[1]);
        return -EPIPE;
    }
}

static void control(uint32_t sequence, const struct header *request, uint32_t length) {
    uint8_t content[256];
    const uint8_t *setup = request->submit.setup;
    bool is_vendor = (setup[0] & 0x60) == 0x40, is_in = setup[0] & 0x80;
    int count = is_vendor ? vendor_request(setup, content) : standard_request(setup, content);
    if (count < 0) return answer(sequence, count, 0, NULL, 0);
    if (!is_in) return answer(sequence, 0, length, NULL, 0);
    uint32_t given = (uint32_t)count < length ? (uint32_t)count : length;
    answer(sequence, 0, given, content, given);
}

/* What has come from the board goes where the host waits for it. */
static void hand_over(void) {
    for (unsigned index = 0; index < waiting_count && received_count > 0;) {
        struct pending transfer = waiting[index];
        if (transfer.endpoint != BULK) {
            index++;
            continue;
        }
        uint32_t count = received_count < transfer.length ? received_count : transfer.length;
        memmove(waiting + index, waiting + index + 1, (--waiting_count - index) * sizeof *waiting);
        answer(transfer.sequence, 0, count, received, count);
        memmove(received, received + count, received_count -= count);
    }
}

static void submit(const struct header *request) {
    static uint8_t content[TRANSFER_LIMIT];
    uint32_t sequence = ntohl(request->sequence), length = ntohl(request->submit.length);
    uint32_t endpoint = ntohl(request->endpoint);
    bool is_in = ntohl(request->direction) == 1;
    if (length >= TRANSFER_LIMIT) fail("a transfer that is too long");
    if (!is_in && length > 0 && !read_all(host, content, length)) fail("read");
    if (endpoint == CONTROL) return control(sequence, request, length);
    if (!is_in) {
        if (registers[LINE_CONTROL] & LINE_SENDS) to_uart('D', content, length);
        return answer(sequence, 0, length, NULL, 0);
    }
    if (waiting_count == PENDING_LIMIT) return answer(sequence, -ENOMEM, 0, NULL, 0);
    waiting[waiting_count++] = (struct pending){sequence, endpoint, length};
    hand_over();
}

static void unlink_transfer(const struct header *request) {
    uint32_t wanted = ntohl(request->unlink.sequence);
    struct header reply = {.command = htonl(RET_UNLINK), .sequence = request->sequence};
    for (unsigned index = 0; index < waiting_count; index++) {
        if (waiting[index].sequence != wanted) continue;
        memmove(waiting + index, waiting + index + 1, (--waiting_count - index) * sizeof *waiting);
        reply.unlinked.status = htonl(-ECONNRESET);
        break;
    }
    write_all(host, &reply, sizeof reply);
}

static void plug_in(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) fail("socketpair");
    FILE *attach = fopen("/sys/devices/platform/vhci_hcd.0/attach", "w");
    if (!attach || fprintf(attach, "0 %d %d %d", ends[1], DEVICE_ID, FULL_SPEED) < 0 || fclose(attach) != 0)
        fail("vhci_hcd");
    close(ends[1]);
    host = ends[0];
}

int main(int count, char **arguments) {
    if (count != 2) return 64;
    setvbuf(stdout, NULL, _IOLBF, 0);
    uart = open(arguments[1], O_RDWR);
    if (uart < 0) fail(arguments[1]);
    /* No input is asserted; the chip says so in inverted bits. */
    registers[STATUS] = registers[STATUS_HIGH] = 0xff;
    plug_in();
    for (;;) {
        struct pollfd files[] = {{host, POLLIN, 0}, {received_count < RECEIVED_LIMIT ? uart : -1, POLLIN, 0}};
        if (poll(files, 2, -1) < 0) fail("poll");
        if (files[0].revents) {
            struct header request;
            if (!read_all(host, &request, sizeof request)) return 0;
            if (ntohl(request.command) == CMD_SUBMIT) submit(&request);
            else if (ntohl(request.command) == CMD_UNLINK) unlink_transfer(&request);
            else fail("a request that is none");
        }
        if (files[1].revents & POLLIN) {
            ssize_t got = read(uart, received + received_count, RECEIVED_LIMIT - received_count);
            if (got <= 0) return 0;
            /* A UART that does not receive loses what comes. */
            if (registers[LINE_CONTROL] & LINE_RECEIVES) received_count += got;
            hand_over();
        } else if (files[1].revents) {
            return 0;
        }
    }
}
