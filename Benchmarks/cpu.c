// What cpu.py runs on our LX106 and on QEMU's: a checksum, a copy, or what our stub loader unpacks data with, ROUNDS times.

#ifdef INFLATE
#include "../firmware-spec/stub/inflate.c"
#include "packed.h"
#else

typedef unsigned char u8;
typedef unsigned u32;
#endif

#define MEMORY 0x3FFE8000
#define BYTES 0x4000

// The stack ends at 0x40000000, and what comes after run() is in a page of its own: ours stops there, QEMU exits.
__asm__(".section .start,\"ax\"\n"
        ".global start\n"
        "start: movi a1, 1\n"
        "slli a1, a1, 30\n"
        "addi a1, a1, -16\n"
        "call0 run\n"
        "movi a0, 1\n"
        "slli a0, a0, 30\n"
        "addmi a0, a0, 0x2000\n"
        "jx a0\n"
        ".section .leave,\"ax\"\n"
        "movi a2, 1\n"
        "movi a3, 0\n"
        "simcall\n"
        ".text\n");

#ifdef INFLATE
u32 failure;
u8 window[WINDOW];
static u32 taken, produced, sum;

// The stream stands in IRAM, which knows words alone.
u32 next_byte(void)
{
    u32 byte = packed[taken / 4] >> taken % 4 * 8 & 0xFF;
    taken++;
    return byte;
}

void put_byte(u32 byte)
{
    window[produced++ % WINDOW] = byte;
    sum += byte;
}

u32 byte_back(u32 distance) { return window[(produced - distance) % WINDOW]; }
int too_far(u32 distance) { return distance > produced; }

static u32 unpack(void)
{
    taken = produced = sum = 0;
    return inflate() && produced == UNPACKED ? sum : 0;
}
#endif

static __attribute__((noinline, unused)) u32 checksum(const u8 *bytes, u32 count)
{
    u32 crc = ~0u;
    while (count--) {
        crc ^= *bytes++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320 & -(crc & 1));
    }
    return ~crc;
}

static __attribute__((noinline, unused)) u32 copy(u32 *to, const u32 *from, u32 count)
{
    while (count--)
        *to++ = *from++;
    return to[-1];
}

__attribute__((used)) u32 run(void)
{
    u32 result = 0;
    for (u32 round = 0; round < ROUNDS; round++) {
#ifdef CHECKSUM
        result += checksum((u8 *)MEMORY, BYTES);
#elif defined INFLATE
        result = unpack();
#else
        result += copy((u32 *)(MEMORY + BYTES), (u32 *)MEMORY, BYTES / 4);
#endif
    }
    return result;
}
