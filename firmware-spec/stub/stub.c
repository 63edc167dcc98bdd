/* A loader of its own for the ESP8266, which the ROM's loader puts into memory: its commands. */
#include "stub.h"

/* A host waits 3 s for an answer; a chip at 52 MHz takes half as long again. */
enum { LONGEST_FRAME = SLOTS * SLOT_BYTES, LONGEST_DELAY = 1500000, LONGEST_BUSY_MS = 1500 };

static const u8 *at;
static u32 length;
/* Whether a command has left the frame to be dealt with that came behind its own. */
static int is_kept;
/* Whether it has answered by itself. */
static int is_answered;

static u32 argument(u32 index) { return word(at + 8 + 4 * index); }

/* Of what follows the head. */
static u32 count(void) { return (length - 8) / 4; }

extern u32 text_start[], text_end[], bss_start[], bss_end[];

static int is_in_flash(u32 offset, u32 bytes) {
    u32 all = flash_bytes();
    return offset <= all && bytes <= all - offset;
}

static int overlap(u32 place, u32 bytes, const u32 *start, const u32 *end) {
    return place < (u32)end && place + bytes > (u32)start;
}

static int is_register(u32 place) { return place >> 16 == 0x6000 || place >> 16 == 0x3FF0 || place >> 16 == 0x3FF2; }
static int is_instruction_memory(u32 place) { return place >> 16 == 0x4010; }
static int is_data_memory(u32 place) { return place >= 0x3FFE8000 && place < 0x40000000; }

/* Elsewhere the access is an exception that nobody handles. */
static int is_readable(u32 place) {
    return is_register(place) || is_data_memory(place) || is_instruction_memory(place) || place >> 16 == 0x4000;
}

/* What the stub lives in is not for hosts. */
static int is_writable(u32 place) {
    if (overlap(place, 4, text_start, text_end) || overlap(place, 4, bss_start, bss_end)) return 0;
    return is_register(place) || is_data_memory(place) || is_instruction_memory(place);
}

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
        if (!((place & 3) == 1 ? is_writable : is_readable)(place & ~3u)) error = FAILED;
        else if ((place & 3) == 0) found[answers++] = *place_at;
        else if ((place & 3) == 1) *place_at = mask == 0xFFFFFFFF ? value : (*place_at & ~mask) | (value & mask);
        else
            for (u32 tries = 0; (*place_at & mask) != value && !error; tries++)
                if (tries > 1000) error = FAILED;
                else ets_delay_us(10);
    }
    answer_checked(ACCESS, found, answers * 4, error);
}

static struct digest digest_so_far;

static void update_digest(const u32 *words, u32 bytes) { digest_add(&digest_so_far, words, bytes); }

static void digests(void) {
    u32 sector = argument(0), sectors = argument(1);
    struct digest *found = (struct digest *)slots;
    if (count() != 2 || sectors > 1024) return answer_checked(DIGESTS, 0, 0, BAD_LENGTH);
    for (u32 index = 0; index < sectors; index++) {
        digest_start(&digest_so_far);
        flash_scan((sector + index) * SECTOR, SECTOR, update_digest);
        found[index] = digest_so_far;
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

static int is_request(const u8 *head, u32 bytes) {
    return bytes >= 8 && !head[0] && (head[2] | head[3] << 8) + 8u == bytes;
}

/* READ_FLASH as Espressif's stubs do it: packets, each acknowledged by the number of bytes so far, and an MD5. */
static void read_flash(void) {
    u8 digest[16];
    u32 offset = argument(0), bytes = argument(1), part = argument(2), ahead = argument(3) * part;
    u32 sent = 0, heard = 0, silence = 0;
    if (count() != 4 || !part || part > SECTOR || part % BURST || !ahead) return answer(READ_FLASH, 0, 0, 0, BAD_SIZE);
    if (!is_in_flash(offset, bytes)) return answer(READ_FLASH, 0, 0, 0, BAD_SIZE);
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
            if (frame_length == 4 && word(frame) >= heard && word(frame) <= sent) {
                heard = word(frame);
                silence = 0;
            }
            /* A command of a host that has begun anew. */
            is_kept = is_request(frame, frame_length);
            if (is_kept) return;
            frame_done(slots, LONGEST_FRAME);
        } else if (sent == bytes || sent - heard >= ahead) {
            ets_delay_us(100);
            if (++silence > 50000) return;
        }
    }
    md5(digest, offset, bytes);
    send_raw(digest, 16);
}

/* A program for load-ram: where it goes, the size of its blocks, and how long it is. */
static u32 memory_at, memory_block, memory_bytes;

static int is_loadable(u32 place, u32 bytes) {
    u32 end = place + bytes;
    if (place & 3 || end < place || overlap(place, bytes, text_start, text_end)) return 0;
    if (overlap(place, bytes, bss_start, bss_end)) return 0;
    /* The last of the data memory is the ROM's. */
    return (place >= 0x40100000 && end <= 0x40110000) || (place >= 0x3FFE8000 && end <= 0x3FFFC000);
}

static u32 begin_memory(void) {
    memory_bytes = 0;
    if (count() != 4) return BAD_LENGTH;
    if (!is_loadable(argument(3), argument(0))) return BAD_SIZE;
    memory_bytes = argument(0);
    memory_block = argument(2);
    memory_at = argument(3);
    return 0;
}

static u32 take_memory(void) {
    u32 bytes = argument(0), offset = argument(1) * memory_block, sum = 0xEF;
    if (length < 24 || bytes != length - 24) return BAD_LENGTH;
    for (u32 index = 0; index < bytes; index++) sum ^= at[24 + index];
    if (sum != word(at + 4)) return BAD_CHECKSUM;
    if (!memory_bytes) return NOT_BEGUN;
    if (offset > memory_bytes || bytes > memory_bytes - offset) return TOO_MUCH;
    if (!is_loadable(memory_at + offset, (bytes + 3) & ~3u)) return BAD_SIZE;
    for (u32 index = 0; index < bytes; index += 4) *(volatile u32 *)(memory_at + offset + index) = word(at + 24 + index);
    return 0;
}

/* What could not be erased, for a protection or a bad sector, shows. */
static u32 erase(u32 offset, u32 bytes, int is_all) {
    u32 words[BURST / 4], all = 0xFFFFFFFF;
    if (!(is_all ? flash_erase_all() : flash_erase(offset, bytes))) return FLASH_STUCK;
    for (; bytes && all == 0xFFFFFFFF; offset += BURST, bytes -= BURST) {
        flash_read(offset, words, BURST);
        for (u32 index = 0; index < BURST / 4; index++) all &= words[index];
    }
    return all == 0xFFFFFFFF ? 0 : FLASH_FAILED;
}

/* Registers, four words each: address, value, mask, and a delay behind it (us). */
static u32 write_registers(u32 words) {
    u32 delay = 0;
    if (!words || words & 3) return BAD_LENGTH;
    for (u32 index = 0; index < words; index += 4) {
        if (!is_writable(argument(index) & ~3u)) return FAILED;
        if (argument(index + 3) > LONGEST_DELAY - delay) return BAD_SIZE;
        delay += argument(index + 3);
    }
    for (u32 index = 0; index < words; index += 4) {
        u32 mask = argument(index + 2);
        volatile u32 *place = (volatile u32 *)(argument(index) & ~3u);
        *place = mask == 0xFFFFFFFF ? argument(index + 1) : (*place & ~mask) | (argument(index + 1) & mask);
        ets_delay_us(argument(index + 3));
    }
    return 0;
}

static u32 begin_blocks(u32 opcode, u32 words) {
    u32 bytes = argument(0), blocks = argument(1), block = argument(2), offset = argument(3);
    write_end();
    if (words < 4) return BAD_LENGTH;
    /* Nothing is to be written: what follows is an end. */
    if (!bytes) return 0;
    if (blocks > 0x10000 || block > MOST_BLOCK || !is_in_flash(offset, bytes)) return BAD_SIZE;
    if (!flash_wait(LONGEST_BUSY_MS)) return FLASH_STUCK;
    is_answered = 1;
    write_blocks(opcode + 1, offset, bytes, blocks);
    return 0;
}

static void restart(u32 opcode) {
    answer(opcode, 0, 0, 0, 0);
    ets_delay_us(20000);
    flash_give_back();
    software_reset();
}

static int is_checked_request(void) { return crc32(crc32(0, at, 4), at + 8, length - 8) == word(at + 4); }

/* Those that need the flash. A chip that was restarted in mid-erase finds its flash at work: a host waits 3 s for an answer,
   and may ask again. */
static int is_flash_ready(u32 opcode) {
    int needs = opcode == DIGESTS || opcode == WRITE || opcode == READ || opcode == DIGEST || opcode == FLASH_MD5 || opcode >> 4 == ERASE_FLASH >> 4;
    return !needs || flash_wait(LONGEST_BUSY_MS);
}

/* The commands of ours. */
static void own_command(u32 opcode) {
    u8 digest[16];
    if (!is_request(at, length)) return;
    answer_seed = word(at + 4);
    if (!is_checked_request()) return answer_checked(opcode, 0, 0, BAD_CHECKSUM);
    if (!is_flash_ready(opcode)) return answer_checked(opcode, 0, 0, FLASH_STUCK);
    switch (opcode) {
    case HELLO: return hello();
    case ACCESS: return access();
    case DIGESTS: return digests();
    case WRITE: return write_run();
    case PACKET: return write_stale();
    case READ: return read_piece();
    case DIGEST:
        if (count() != 2 || !is_in_flash(argument(0), argument(1))) return answer_checked(DIGEST, 0, 0, BAD_SIZE);
        md5(digest, argument(0), argument(1));
        return answer_checked(DIGEST, digest, 16, 0);
    }
    answer_checked(opcode, 0, 0, UNKNOWN);
}

/* Those of Espressif's stubs. */
static void command(u32 opcode) {
    u8 digest[16];
    u32 words = count(), error = 0, value = 0, entry, baud, old;
    int is_data = opcode == FLASH_DATA || opcode == MEM_DATA || opcode == DEFL_DATA;
    /* Only data carries a sum. One of our own commands whose opcode is disturbed must not come to erase the flash. */
    if (!is_data && word(at + 4)) return answer(opcode, 0, 0, 0, BAD_CHECKSUM);
    if (!is_flash_ready(opcode)) return answer(opcode, 0, 0, 0, FLASH_STUCK);
    switch (opcode) {
    case SYNC:
        write_end();
        for (u32 times = 0; times < 7; times++) answer(SYNC, 0, 0, 0, 0);
        break;
    case READ_REG:
        if (words != 1) error = BAD_LENGTH;
        else if (!is_readable(argument(0) & ~3u)) error = FAILED;
        else value = REG(argument(0) & ~3u);
        break;
    case WRITE_REG: error = write_registers(words); break;
    case SPI_SET_PARAMS:
    case SPI_ATTACH: break;
    case CHANGE_BAUD:
        if (words < 1 || argument(0) < 1200 || argument(0) > 4000000) {
            error = BAD_SIZE;
            break;
        }
        baud = argument(0);
        old = words < 2 ? 0 : argument(1);
        answer(CHANGE_BAUD, 0, 0, 0, 0);
        return serial_set_baud(baud, old);
    case FLASH_BEGIN:
    case DEFL_BEGIN:
        error = begin_blocks(opcode, words);
        if (is_answered) return;
        break;
    case FLASH_DATA:
    case DEFL_DATA: error = words < 4 ? BAD_LENGTH : write_afterwards(opcode, argument(1)); break;
    case FLASH_END:
    case DEFL_END:
        error = write_end();
        if (!error && words && !argument(0)) return restart(opcode);
        break;
    case MEM_BEGIN: error = begin_memory(); break;
    case MEM_DATA: error = take_memory(); break;
    case MEM_END:
        entry = argument(1);
        if (words != 2) error = BAD_LENGTH;
        else if (!argument(0) && !is_instruction_memory(entry)) error = BAD_SIZE;
        if (error || argument(0)) break;
        answer(MEM_END, 0, 0, 0, 0);
        ets_delay_us(2000);
        serial_stop();
        flash_give_back();
        ((void (*)(void))entry)();
        /* One that returns has left the line and the flash to us. */
        flash_prepare();
        serial_start();
        return;
    case FLASH_MD5:
        if (words < 2) error = BAD_LENGTH;
        else if (!is_in_flash(argument(0), argument(1))) error = BAD_SIZE;
        if (error) break;
        md5(digest, argument(0), argument(1));
        return answer(FLASH_MD5, 0, digest, 16, 0);
    case ERASE_FLASH: error = erase(0, flash_bytes(), 1); break;
    case ERASE_REGION:
        if (words != 2 || (argument(0) | argument(1)) % SECTOR || !is_in_flash(argument(0), argument(1))) error = BAD_SIZE;
        else error = erase(argument(0), argument(1), 0);
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
    if (length < 8 || at[0]) return;
    u32 opcode = at[1];
    if (opcode >> 4 == 4) own_command(opcode);
    else if (!is_request(at, length)) answer(opcode, 0, 0, 0, BAD_LENGTH);
    else command(opcode);
}

void serve(void) {
    u8 greeting[4] = {'I', 'O', 'T', '0' + VERSION};
    SelectSpiFunction();
    flash_prepare();
    digest_prepare();
    serial_start();
    frame_done(slots, LONGEST_FRAME);
    send_raw(greeting, 4);
    for (;;) {
        if (!frame_whole()) {
            serial_sleep();
            continue;
        }
        do {
            is_kept = is_answered = 0;
            dispatch();
        } while (is_kept || write_is_pending());
        frame_done(slots, LONGEST_FRAME);
    }
}
