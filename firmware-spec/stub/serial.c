/* The serial line: reception by interrupt into a ring, SLIP frames out of it, and answers. */
#include "stub.h"

enum { RING = 4096, LONGEST_SLEEP = 10 * CYCLES_PER_MS, ESCAPED = 1, TOO_LONG = 2, RECEIVED = UART_INT_FULL | UART_INT_TIMEOUT };

static u8 ring[RING];
static volatile u32 ring_in, ring_out;

u8 *frame;
u32 frame_length;
static u32 frame_limit;
static u32 state;
u32 answer_seed;

/* What finds no room stays in the FIFO, and is lost where that is full too; the frame's checksum tells. */
static void drain(void) {
    while (UART_STATUS & 0xFF) {
        if (ring_in - ring_out == RING) {
            UART_INT_ENABLE = 0;
            break;
        }
        ring[ring_in++ % RING] = UART_FIFO;
    }
    UART_INT_CLEAR = RECEIVED;
}

static void on_interrupt(void *argument) {
    (void)argument;
    drain();
}

/* To write the register takes the interrupt back. */
static void set_alarm(u32 distance) {
    __asm__ volatile("wsr %0, ccompare0\n\tesync" : : "a"(cycles() + distance));
}

static void on_alarm(void *argument) {
    (void)argument;
    set_alarm(1u << 31);
}

void serial_start(void) {
    UART_INT_ENABLE = 0;
    ets_isr_attach(UART_LINE, on_interrupt, 0);
    /* An interrupt at 48 bytes, and when the line is silent for two bytes. */
    UART_CONF1 = (1u << 31) | (2u << 24) | 48;
    UART_INT_CLEAR = 0x1FF;
    UART_INT_ENABLE = RECEIVED;
    ets_isr_attach(ALARM_LINE, on_alarm, 0);
    ets_isr_unmask(1 << UART_LINE | 1 << ALARM_LINE);
}

void serial_stop(void) {
    UART_INT_ENABLE = 0;
    ets_isr_mask(1 << UART_LINE | 1 << ALARM_LINE);
}

/* The UART's clock by `baud`, without a division routine. What the divider makes of the old speed tells the crystal. */
void serial_set_baud(u32 baud, u32 old) {
    u32 clock = (UART_DIVIDER & 0xFFFFF) * old > (UART_CLOCK_26 + UART_CLOCK_40) / 2 ? UART_CLOCK_40 : UART_CLOCK_26;
    u32 divider = 0;
    /* The last answer goes out at the old speed: the FIFO, and the byte behind it. */
    for (u32 tries = 0; UART_STATUS >> 16 & 0xFF && tries < 1000; tries++) ets_delay_us(100);
    ets_delay_us(2000);
    for (u32 left = clock + baud / 2; left >= baud; left -= baud) divider++;
    uart_div_modify(0, divider);
}

void frame_done(u8 *place, u32 limit) {
    frame = place;
    frame_limit = limit;
    frame_length = 0;
    state = 0;
}

int frame_whole(void) {
    while (ring_out != ring_in) {
        u32 byte = ring[ring_out % RING];
        if (++ring_out % (RING / 4) == 0 && !UART_INT_ENABLE) {
            /* Nothing would tell of what is in the FIFO already. */
            UART_INT_ENABLE = RECEIVED;
            ets_isr_mask(1 << UART_LINE);
            drain();
            ets_isr_unmask(1 << UART_LINE);
        }
        if (byte == 0xC0) {
            int is_whole = frame_length && !state;
            state = 0;
            if (is_whole) return 1;
            frame_length = 0;
            continue;
        }
        if (byte == 0xDB) {
            state |= ESCAPED;
            continue;
        }
        if (state & ESCAPED) {
            byte = byte == 0xDC ? 0xC0 : 0xDB;
            state &= ~ESCAPED;
        }
        if (frame_length < frame_limit) frame[frame_length++] = byte;
        else state |= TOO_LONG;
    }
    return 0;
}

/* Interrupts stay out between the look and the sleep, which lets them in again. */
void serial_sleep(void) {
    u32 status;
    set_alarm(LONGEST_SLEEP);
    __asm__ volatile("rsil %0, 1" : "=a"(status) : : "memory");
    if (ring_in == ring_out) __asm__ volatile("waiti 0" : : : "memory");
    __asm__ volatile("wsr %0, ps\n\trsync" : : "a"(status) : "memory");
}

/* A full FIFO is left alone for about 30 bytes, by a 26 MHz crystal: it does not run dry. */
static void put(u32 byte) {
    while ((UART_STATUS >> 16 & 0xFF) >= 126) ets_delay_us((UART_DIVIDER & 0xFFFFF) * 6);
    UART_FIFO = byte;
}

static void put_escaped(const u8 *bytes, u32 length) {
    while (length--) {
        u32 byte = *bytes++;
        if (byte == 0xC0 || byte == 0xDB) {
            put(0xDB);
            byte = byte == 0xC0 ? 0xDC : 0xDD;
        }
        put(byte);
    }
}

void send_raw(const u8 *content, u32 length) {
    put(0xC0);
    put_escaped(content, length);
    put(0xC0);
}

static void send(u32 opcode, u32 value, const void *data, u32 length, u32 error, int is_checked) {
    u8 head[8] = {1, opcode, length + 2, (length + 2) >> 8};
    u8 tail[2] = {error != 0, error};
    if (is_checked) value = crc32(crc32(crc32(answer_seed, head, 4), data, length), tail, 2);
    for (u32 index = 0; index < 4; index++) head[4 + index] = value >> 8 * index;
    put(0xC0);
    put_escaped(head, 8);
    put_escaped(data, length);
    put_escaped(tail, 2);
    put(0xC0);
}

void answer(u32 opcode, u32 value, const void *data, u32 length, u32 error) {
    send(opcode, value, data, length, error, 0);
}

void answer_checked(u32 opcode, const void *data, u32 length, u32 error) {
    send(opcode, 0, data, length, error, 1);
}
