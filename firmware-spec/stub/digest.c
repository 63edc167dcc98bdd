/* Sums: CRC-32, four bytes at a time so that the flash's bus is what a digest waits for, and FNV-1a. */
#include "stub.h"

/* What a byte does to the sum that 0 to 3 others follow. */
static u32 table[4][256];

void digest_prepare(void) {
    for (u32 index = 0; index < 256; index++) {
        u32 value = index;
        for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0xEDB88320 : value >> 1;
        table[0][index] = value;
    }
    for (u32 index = 0; index < 256; index++)
        for (u32 behind = 1; behind < 4; behind++) {
            u32 value = table[behind - 1][index];
            table[behind][index] = table[0][value & 0xFF] ^ value >> 8;
        }
}

static u32 with_byte(u32 crc, u32 byte) { return table[0][(crc ^ byte) & 0xFF] ^ crc >> 8; }

static u32 with_word(u32 crc, u32 word) {
    crc ^= word;
    return table[3][crc & 0xFF] ^ table[2][crc >> 8 & 0xFF] ^ table[1][crc >> 16 & 0xFF] ^ table[0][crc >> 24];
}

u32 crc32(u32 crc, const u8 *bytes, u32 length) {
    crc = ~crc;
    for (; length && (u32)bytes & 3; length--) crc = with_byte(crc, *bytes++);
    for (; length >= 4; length -= 4, bytes += 4) crc = with_word(crc, *(const u32 *)bytes);
    while (length--) crc = with_byte(crc, *bytes++);
    return ~crc;
}

void digest_start(struct digest *digest) {
    digest->crc = 0;
    digest->fnv = 2166136261u;
}

void digest_add(struct digest *digest, const u32 *words, u32 bytes) {
    u32 crc = ~digest->crc, fnv = digest->fnv;
    for (const u32 *end = words + bytes / 4; words != end; words++) {
        crc = with_word(crc, *words);
        fnv = (fnv ^ *words) * 16777619u;
    }
    digest->crc = ~crc;
    digest->fnv = fnv;
}
