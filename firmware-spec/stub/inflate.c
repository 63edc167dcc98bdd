/* Raw deflate (RFC 1951), bit by bit: small before fast, as it is still several times as fast as the wire. */
#include "stub.h"

enum { LONGEST = 15, LITERALS = 288, DISTANCES = 32 };

/* A canonical code: how many codes there are of each length, and their symbols in order. */
struct code {
    u16 count[LONGEST + 1];
    u16 symbol[LITERALS];
};

static struct code literals, distances;
static u8 lengths[LITERALS + DISTANCES];
static u32 held, held_bits;

static u32 bits(u32 count) {
    while (held_bits < count) {
        held |= next_byte() << held_bits;
        held_bits += 8;
    }
    u32 value = held & ((1u << count) - 1);
    held >>= count;
    held_bits -= count;
    return value;
}

/* False where the lengths make more codes than there are. */
static int build(struct code *code, const u8 *length, u32 symbols) {
    u16 place[LONGEST + 1];
    int left = 1;
    for (u32 size = 0; size <= LONGEST; size++) code->count[size] = 0;
    for (u32 symbol = 0; symbol < symbols; symbol++) code->count[length[symbol]]++;
    code->count[0] = 0;
    place[0] = 0;
    for (u32 size = 1; size <= LONGEST; size++) {
        left = (left << 1) - code->count[size];
        if (left < 0) return 0;
        place[size] = place[size - 1] + code->count[size - 1];
    }
    for (u32 symbol = 0; symbol < symbols; symbol++)
        if (length[symbol]) code->symbol[place[length[symbol]]++] = symbol;
    return 1;
}

/* The next symbol; one that does not exist where the bits are no code. */
static u32 decode(const struct code *code) {
    u32 value = 0, first = 0;
    const u16 *symbol = code->symbol;
    for (u32 size = 1; size <= LONGEST; size++) {
        u32 count = code->count[size];
        if (!held_bits) {
            held = next_byte();
            held_bits = 8;
        }
        value |= held & 1;
        held >>= 1;
        held_bits--;
        if (value - first < count) return symbol[value - first];
        symbol += count;
        first = (first + count) << 1;
        value <<= 1;
    }
    return LITERALS;
}

static int stored(void) {
    held = held_bits = 0;
    u32 count = bits(16);
    if ((count ^ bits(16)) != 0xFFFF) return 0;
    while (count-- && !failure) put_byte(next_byte());
    return 1;
}

static int compressed(void) {
    while (!failure) {
        u32 symbol = decode(&literals);
        if (symbol < 256) {
            put_byte(symbol);
            continue;
        }
        if (symbol == 256) return 1;
        symbol -= 257;
        if (symbol > 28) return 0;
        u32 length = 258;
        if (symbol < 8) {
            length = symbol + 3;
        } else if (symbol < 28) {
            u32 extra = (symbol - 4) >> 2;
            length = ((4 + (symbol & 3)) << extra) + 3 + bits(extra);
        }
        symbol = decode(&distances);
        if (symbol > 29) return 0;
        u32 distance = symbol + 1;
        if (symbol > 3) {
            u32 extra = (symbol >> 1) - 1;
            distance = ((2 + (symbol & 1)) << extra) + 1 + bits(extra);
        }
        if (too_far(distance)) return 0;
        while (length-- && !failure) put_byte(byte_back(distance));
    }
    return 0;
}

static int fixed_codes(void) {
    for (u32 symbol = 0; symbol < LITERALS; symbol++)
        lengths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
    build(&literals, lengths, LITERALS);
    for (u32 symbol = 0; symbol < 30; symbol++) lengths[symbol] = 5;
    return build(&distances, lengths, 30);
}

/* The order in which the lengths of the code lengths' code come, a byte each. */
static const u32 order[5] = {0x00121110, 0x06090708, 0x040B050A, 0x020D030C, 0x000F010E};

static int own_codes(void) {
    u32 literal_count = bits(5) + 257, distance_count = bits(5) + 1, count = bits(4) + 4;
    if (literal_count > 286 || distance_count > 30) return 0;
    for (u32 index = 0; index < 19; index++) lengths[index] = 0;
    for (u32 index = 0; index < count; index++) {
        lengths[order[index >> 2] >> 8 * (index & 3) & 0xFF] = bits(3);
    }
    if (!build(&literals, lengths, 19)) return 0;
    for (u32 index = 0; index < literal_count + distance_count;) {
        u32 symbol = decode(&literals), repeat = 1, value = symbol;
        if (failure || symbol > 18) return 0;
        if (symbol == 16) {
            if (!index) return 0;
            value = lengths[index - 1];
            repeat = 3 + bits(2);
        } else if (symbol > 16) {
            value = 0;
            repeat = symbol == 17 ? 3 + bits(3) : 11 + bits(7);
        }
        if (index + repeat > literal_count + distance_count) return 0;
        while (repeat--) lengths[index++] = value;
    }
    return build(&literals, lengths, literal_count) && build(&distances, lengths + literal_count, distance_count);
}

int inflate(void) {
    held = held_bits = 0;
    for (u32 is_last = 0; !is_last && !failure;) {
        is_last = bits(1);
        u32 kind = bits(2);
        if (kind == 0) {
            if (!stored()) return 0;
        } else if (kind > 2 || !(kind == 1 ? fixed_codes() : own_codes()) || !compressed()) {
            return 0;
        }
    }
    return !failure;
}
