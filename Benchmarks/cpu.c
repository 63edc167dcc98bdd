// What cpu.py runs on our LX106 and on QEMU's: LOOP is checksum or copy, ROUNDS how often.

typedef unsigned char u8;
typedef unsigned u32;

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
#else
        result += copy((u32 *)(MEMORY + BYTES), (u32 *)MEMORY, BYTES / 4);
#endif
    }
    return result;
}
