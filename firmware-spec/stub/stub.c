/* A loader of its own for the ESP8266, which the ROM's loader puts into memory: its commands. */
#include "stub.h"

enum { LONGEST_FRAME = SLOTS * SLOT_BYTES };

static const u8 *at;
static u32 length;

static u32 argument(u32 index) { return word(at + 8 + 4 * index); }

/* Of what follows the head. */
static u32 count(void) { return (length - 8) / 4; }

extern u32 text_start[], text_end[];

/* The version, the slots, and a CRC of the stub itself: what the ROM has put into memory carries only a sum. */
static void hello(void) {
    u32 *copy = (u32 *)window, words[3] = {VERSION, SLOTS << 16 | SLOT_BYTES, 0};
    u32 size = text_end - text_start;
    for (u32 index = 0; index < size; index++) copy[index] = text_start[index];
    words[2] = crc32(0, window, size * 4);
    answer_checked(HELLO, words, sizeof words, 0);
}

/* Registers, three words each: address and kind (0 read, 1 write, 2 wait), value, mask. */
static void access(void) {
    u32 *found = (u32 *)window, answers = 0, error = 0;
    for (u32 index = 0; index + 3 <= count() && !error; index += 3) {
        u32 place = argument(index), value = argument(index + 1), mask = argument(index + 2);
        volatile u32 *place_at = (volatile u32 *)(place & ~3u);
        if ((place & 3) == 0) found[answers++] = *place_at;
        else if ((place & 3) == 1) *place_at = mask == 0xFFFFFFFF ? value : (*place_at & ~mask) | (value & mask);
        else
            for (u32 tries = 0; (*place_at & mask) != value && !error; tries++)
                if (tries > 1000) error = FAILED;
                else ets_delay_us(10);
    }
    answer_checked(ACCESS, found, answers * 4, error);
}

/* Two digests that have nothing in common, so that one stands for the other where it fails: CRC-32, and FNV-1a by words. */
static u32 crc_so_far, fnv_so_far;

static void digest(const u32 *words, u32 bytes) {
    crc_so_far = crc32(crc_so_far, (const u8 *)words, bytes);
    for (u32 index = 0; index < bytes / 4; index++) fnv_so_far = (fnv_so_far ^ words[index]) * 16777619u;
}

static void digests(void) {
    u32 sector = argument(0), sectors = argument(1), *found = (u32 *)slots;
    if (count() != 2 || sectors > 1024) return answer_checked(DIGESTS, 0, 0, BAD_LENGTH);
    for (u32 index = 0; index < sectors; index++) {
        crc_so_far = 0;
        fnv_so_far = 2166136261u;
        flash_scan((sector + index) * SECTOR, SECTOR, digest);
        *found++ = crc_so_far;
        *found++ = fnv_so_far;
    }
    answer_checked(DIGESTS, slots, sectors * 8, 0);
}

static void read_piece(void) {
    u32 bytes = argument(1);
    if (count() != 2 || bytes > SECTOR) return answer_checked(READ, 0, 0, BAD_LENGTH);
    /* The place comes first: of several questions under way one may be lost. */
    *(u32 *)window = argument(0);
    flash_read(argument(0), (u32 *)window + 1, (bytes + BURST - 1) & ~(BURST - 1u));
    answer_checked(READ, window, bytes + 4, 0);
}

static md5_context md5_so_far;

static void update_md5(const u32 *words, u32 bytes) { MD5Update(&md5_so_far, words, bytes); }

static void md5(u8 *digest, u32 offset, u32 bytes) {
    MD5Init(&md5_so_far);
    flash_scan(offset, bytes, update_md5);
    MD5Final(digest, &md5_so_far);
}

/* READ_FLASH as Espressif's stubs do it: packets, each acknowledged by the number of bytes so far, and an MD5. */
static void read_flash(void) {
    u8 digest[16];
    u32 offset = argument(0), bytes = argument(1), part = argument(2), ahead = argument(3) * part;
    u32 sent = 0, heard = 0, silence = 0;
    if (count() != 4 || !part || part > SECTOR || part % BURST || !ahead) return answer(READ_FLASH, 0, 0, 0, BAD_SIZE);
    answer(READ_FLASH, 0, 0, 0, 0);
    frame_done(slots, LONGEST_FRAME);
    while (heard < bytes) {
        if (sent < bytes && sent - heard < ahead) {
            u32 piece = bytes - sent < part ? bytes - sent : part;
            flash_read(offset + sent, (u32 *)window, (piece + BURST - 1) & ~(BURST - 1u));
            send_raw(window, piece);
            sent += piece;
        }
        if (frame_whole()) {
            if (frame_length == 4) heard = word(frame);
            frame_done(slots, LONGEST_FRAME);
            silence = 0;
        } else if (sent == bytes || sent - heard >= ahead) {
            ets_delay_us(100);
            if (++silence > 50000) return;
        }
    }
    md5(digest, offset, bytes);
    send_raw(digest, 16);
}

/* A program for load-ram; the stub is not to be overwritten by it. */
static u32 memory_at, memory_block;

static u32 take_memory(void) {
    u32 bytes = argument(0), place = memory_at + argument(1) * memory_block;
    u32 sum = 0xEF;
    if (count() < 4 || bytes != length - 24) return BAD_LENGTH;
    for (u32 index = 0; index < bytes; index++) sum ^= at[24 + index];
    if (sum != word(at + 4)) return BAD_CHECKSUM;
    if (place < (u32)text_end && place + bytes > (u32)text_start) return BAD_SIZE;
    for (u32 index = 0; index < bytes; index += 4) *(volatile u32 *)(place + index) = word(at + 24 + index);
    return 0;
}

static void restart(u32 opcode) {
    answer(opcode, 0, 0, 0, 0);
    ets_delay_us(20000);
    software_reset();
}

static int is_checked_request(void) { return crc32(crc32(0, at, 4), at + 8, length - 8) == word(at + 4); }

/* The commands of ours. */
static void own_command(u32 opcode) {
    u8 digest[16];
    answer_seed = word(at + 4);
    if (!is_checked_request()) return answer_checked(opcode, 0, 0, BAD_CHECKSUM);
    switch (opcode) {
    case HELLO: return hello();
    case ACCESS: return access();
    case DIGESTS: return digests();
    case WRITE: return write_run();
    case PACKET: return write_stale();
    case READ: return read_piece();
    case DIGEST:
        md5(digest, argument(0), argument(1));
        return answer_checked(DIGEST, digest, 16, 0);
    }
    answer_checked(opcode, 0, 0, UNKNOWN);
}

/* Those of Espressif's stubs. */
static void command(u32 opcode) {
    u8 digest[16];
    u32 words = count(), error = 0, value = 0, entry;
    switch (opcode) {
    case SYNC:
        for (u32 times = 0; times < 7; times++) answer(SYNC, 0, 0, 0, 0);
        break;
    case READ_REG:
        if (words == 1) value = REG(argument(0) & ~3u);
        else error = BAD_LENGTH;
        break;
    case WRITE_REG:
        if (!words || words & 3) error = BAD_LENGTH;
        for (u32 index = 0; index < words && !error; index += 4) {
            u32 mask = argument(index + 2);
            volatile u32 *place = (volatile u32 *)(argument(index) & ~3u);
            *place = mask == 0xFFFFFFFF ? argument(index + 1) : (*place & ~mask) | (argument(index + 1) & mask);
            ets_delay_us(argument(index + 3));
        }
        break;
    case SPI_SET_PARAMS:
    case SPI_ATTACH: break;
    case CHANGE_BAUD:
        if (words < 1 || argument(0) < 1200 || argument(0) > 4000000) {
            error = BAD_SIZE;
            break;
        }
        value = argument(0);
        error = words < 2 ? 0 : argument(1);
        answer(CHANGE_BAUD, 0, 0, 0, 0);
        return serial_set_baud(value, error);
    case FLASH_BEGIN:
    case DEFL_BEGIN:
        if (words < 4 || argument(3) % PAGE || argument(2) > 0x4000) error = BAD_SIZE;
        else if (argument(0))
            return write_blocks(opcode + 1, argument(3), argument(0), opcode == FLASH_BEGIN ? argument(1) * argument(2) : 0);
        break;
    case FLASH_DATA:
    case DEFL_DATA: error = write_afterwards(); break;
    case FLASH_END:
    case DEFL_END:
        if (words && !argument(0)) return restart(opcode);
        break;
    case MEM_BEGIN:
        if (words < 4) error = BAD_LENGTH;
        memory_at = argument(3);
        memory_block = argument(2);
        break;
    case MEM_DATA: error = take_memory(); break;
    case MEM_END:
        entry = argument(1);
        if (words != 2 || argument(0)) break;
        answer(MEM_END, 0, 0, 0, 0);
        ets_delay_us(2000);
        ((void (*)(void))entry)();
        return;
    case FLASH_MD5:
        if (words < 2) {
            error = BAD_LENGTH;
            break;
        }
        md5(digest, argument(0), argument(1));
        return answer(FLASH_MD5, 0, digest, 16, 0);
    case ERASE_FLASH: error = flash_erase_all() ? 0 : FLASH_STUCK; break;
    case ERASE_REGION:
        if (words != 2 || (argument(0) | argument(1)) % SECTOR) error = BAD_SIZE;
        else if (!flash_erase(argument(0), argument(1))) error = FLASH_STUCK;
        break;
    case READ_FLASH: return read_flash();
    case RUN_USER_CODE: return restart(opcode);
    default: error = UNKNOWN;
    }
    answer(opcode, value, 0, 0, error);
}

static void dispatch(void) {
    at = frame;
    length = frame_length;
    if (length < 8 || at[0] || (at[2] | at[3] << 8) + 8u != length) return;
    u32 opcode = at[1];
    if (opcode >> 4 == 4) own_command(opcode);
    else command(opcode);
}

void serve(void) {
    u8 greeting[4] = {'I', 'O', 'T', '0' + VERSION};
    SelectSpiFunction();
    serial_start();
    frame_done(slots, LONGEST_FRAME);
    send_raw(greeting, 4);
    for (;;) {
        if (!frame_whole()) {
            serial_sleep();
            continue;
        }
        dispatch();
        while (write_is_pending()) dispatch();
        frame_done(slots, LONGEST_FRAME);
    }
}
