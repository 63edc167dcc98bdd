/* Writing: data comes in packets or in blocks, is unpacked into a window of 32 KiB, and goes from there into the flash page by
   page, while the sectors ahead are erased and the next data arrives. Whoever must wait calls `step`. */
#include "stub.h"

/* What a run of sectors is: a word of the first sector, the number less one, and what is done to it. */
#define RUN_SECTOR(run) ((run) & 0xFFF)
#define RUN_COUNT(run) (((run) >> 12 & 0xFFF) + 1)
#define RUN_ERASED (1u << 24)
#define RUN_WRITTEN (1u << 25)

enum { RUNNING = 1, DONE, ENDED };
enum { SILENCE_MS = 20000, CHANGE_MS = 10000, HEAD = 24, ADLER = 65521 };

/* Half of it holds the block that is being used up, the other one the next frame. */
u8 slots[SLOTS * SLOT_BYTES + HEAD] __attribute__((aligned(4)));
u8 window[WINDOW] __attribute__((aligned(4)));
u32 failure;

static u8 packet[SLOT_BYTES + 16] __attribute__((aligned(4)));
static u16 slot_length[SLOTS];
static u32 runs[MOST_RUNS], run_count;
/* Packets: the job's name, the first one that is not used up, and which of it and those behind it are here. */
static u32 tag, next, have, state;
/* Blocks: the command that brings them (0 for packets), how many have come, and whether one waits for its answer. */
static u32 block_opcode, blocks, is_block_open;
/* Of what was unpacked from blocks. */
static u32 adler_low, adler_high;
static const u8 *input, *input_end;
static int is_slot_open;
/* Bytes: those that the runs take, and of these, that are unpacked and that are in the flash. */
static u32 capacity, produced, programmed;
static struct digest digest;
/* How much of the page under way was sent to the flash. */
static u32 page_done;
static u32 erase_run, erase_sector, write_at_run, write_sector_left, write_address;
static u32 is_busy, busy_since, busy_ms, silent_since, silent_ms;
static int is_pending;

static void acknowledge(void) {
    u32 words[7] = {tag << 16 | (next & 0xFFFF), have, programmed, erase_sector, state | failure << 8, digest.crc, digest.fnv};
    /* The job's name tells whose it is. */
    answer_seed = 0;
    answer_checked(PACKET, words, sizeof words, 0);
}

void write_stale(void) { acknowledge(); }

static void fail(u32 error) {
    if (!failure) failure = error;
}

static int is_checked(const u8 *at, u32 length) {
    if (length < 8 || at[0] || (at[2] | at[3] << 8) + 8u != length) return 0;
    return crc32(crc32(0, at, 4), at + 8, length - 8) == word(at + 4);
}

/* A packet of the job goes to its slot; anything that is none, or comes twice, is answered with what is here. */
static void take_packet(void) {
    u32 name = word(frame + 8), length = frame_length - 12;
    if (frame[1] == PACKET && is_checked(frame, frame_length) && frame_length > 12 && length <= SLOT_BYTES && name >> 16 == tag) {
        u32 ahead = (name - next) & 0xFFFF;
        if (ahead < SLOTS && !(have >> ahead & 1)) {
            u8 *slot = slots + name % SLOTS * SLOT_BYTES;
            for (u32 index = 0; index < length; index++) slot[index] = frame[12 + index];
            slot_length[name % SLOTS] = length;
            int is_next = !(have >> ahead) && (!ahead || have >> (ahead - 1));
            have |= 1u << ahead;
            if (is_next) return;
        }
    }
    acknowledge();
}

/* What ends a job of packets: a command of a host that has begun anew. A disturbed frame is not one. */
static int is_other_command(void) {
    if (frame_length == 44 && frame[1] == SYNC && frame[8] == 7 && frame[43] == 0x55) return 1;
    if (!is_checked(frame, frame_length)) return 0;
    return frame[1] != WRITE || word(frame + 8) != tag;
}

static void await_block(void) { frame_done(slots + MOST_BLOCK, MOST_BLOCK + HEAD); }

static int is_request(void) {
    if (frame_length < 8 || frame[0]) return 0;
    return frame[1] == block_opcode || (frame[2] | frame[3] << 8) + 8u == frame_length;
}

/* Whether anything has come; the next block may be early. */
static int receive(void) {
    int has_come = is_pending && !block_opcode;
    while (!is_pending && frame_whole()) {
        has_come = 1;
        silent_since = cycles();
        silent_ms = 0;
        if (block_opcode && !is_request()) {
            await_block();
            continue;
        }
        if (block_opcode || (frame[1] != PACKET && is_other_command())) {
            is_pending = 1;
            break;
        }
        take_packet();
        frame_done(packet, sizeof packet);
    }
    return has_come;
}

/* The flash is told to do something; it has so long for it. */
static void begin(u32 milliseconds) {
    is_busy = 1;
    busy_since = cycles();
    busy_ms = milliseconds;
}

static int still_busy(void) {
    if (!is_busy) return 0;
    if (!flash_is_busy()) {
        is_busy = 0;
        return 0;
    }
    if (cycles() - busy_since >= CYCLES_PER_MS) {
        busy_since += CYCLES_PER_MS;
        if (!busy_ms--) fail(FLASH_STUCK);
    }
    return 1;
}

/* Goes to the next run that is written. */
static void next_written_run(void) {
    while (write_at_run < run_count && !(runs[write_at_run] & RUN_WRITTEN)) write_at_run++;
    if (write_at_run == run_count) return;
    write_address = RUN_SECTOR(runs[write_at_run]) * SECTOR;
    write_sector_left = RUN_COUNT(runs[write_at_run]) * (SECTOR / PAGE);
}

/* Whether what is to be erased is erased so far that the next page can be written. */
static int is_erased(void) {
    return write_at_run < erase_run || (write_at_run == erase_run && write_address / SECTOR < erase_sector);
}

static void end_page(void) {
    u32 found[PAGE / 4];
    const u32 *wanted = (const u32 *)(window + programmed % WINDOW);
    flash_read(write_address, found, PAGE);
    for (u32 index = 0; index < PAGE / 4; index++)
        if (found[index] != wanted[index]) return fail(FLASH_FAILED);
    programmed += PAGE;
    page_done = 0;
    write_address += PAGE;
    if (!--write_sector_left) {
        write_at_run++;
        next_written_run();
    }
}

static void write_some(void) {
    if (page_done == PAGE) return end_page();
    const u32 *words = (const u32 *)(window + programmed % WINDOW + page_done);
    u32 all = 0xFFFFFFFF;
    for (u32 index = 0; index < BURST / 4; index++) all &= words[index];
    page_done += BURST;
    if (all == 0xFFFFFFFF) return;
    flash_start_program(write_address + page_done - BURST, words);
    begin(CHANGE_MS);
}

/* False where nothing is left to be erased. */
static int erase_some(void) {
    while (erase_run < run_count) {
        u32 run = runs[erase_run], end = RUN_SECTOR(run) + RUN_COUNT(run), span = end;
        if (!erase_sector) erase_sector = RUN_SECTOR(run);
        if (!(run & RUN_ERASED) || erase_sector == end) {
            erase_run++;
            erase_sector = erase_run < run_count ? RUN_SECTOR(runs[erase_run]) : end;
            continue;
        }
        /* Runs that touch are erased as one: a block takes the time of three sectors. */
        for (u32 other = erase_run + 1; other < run_count && runs[other] & RUN_ERASED && RUN_SECTOR(runs[other]) == span; other++)
            span += RUN_COUNT(runs[other]);
        int is_block = !(erase_sector & 15) && span - erase_sector >= 16;
        flash_start_erase(erase_sector * SECTOR, is_block);
        begin(CHANGE_MS);
        erase_sector += is_block ? 16 : 1;
        while (erase_sector > end) {
            erase_run++;
            end = RUN_SECTOR(runs[erase_run]) + RUN_COUNT(runs[erase_run]);
        }
        if (!capacity) acknowledge();
        return 1;
    }
    return 0;
}

static int is_page_ready(void) { return produced - programmed >= PAGE && is_erased(); }

/* False where there was nothing to do, and nothing will be before something comes. */
static int step(void) {
    if (receive() | still_busy() || failure) return 1;
    if (!is_page_ready()) return erase_some();
    write_some();
    return 1;
}

static void wait(void) {
    if (!step()) serial_sleep();
    if (is_pending && state == RUNNING && !(block_opcode && frame[1] == block_opcode))
        fail(frame[1] == FLASH_END || frame[1] == DEFL_END ? TOO_LITTLE : BAD_STATE);
    /* Who waits for the flash with us is not silent. */
    if (is_busy) silent_since = cycles();
    while (cycles() - silent_since >= CYCLES_PER_MS) {
        silent_since += CYCLES_PER_MS;
        if (++silent_ms > SILENCE_MS) return fail(BAD_STATE);
    }
}

static void close_block(u32 error) {
    if (!is_block_open) return;
    is_block_open = 0;
    answer(block_opcode, 0, 0, 0, error);
}

/* What is wrong with the block that has come. */
static u32 block_error(void) {
    u32 length = frame_length - HEAD, sum = 0xEF;
    if (frame_length <= HEAD || length > MOST_BLOCK || (frame[2] | frame[3] << 8) + 8u != frame_length) return BAD_LENGTH;
    if (word(frame + 8) != length) return BAD_LENGTH;
    for (u32 index = HEAD; index < frame_length; index++) sum ^= frame[index];
    if (sum != word(frame + 4)) return BAD_CHECKSUM;
    /* One that comes again has had an answer that was lost. */
    return blocks - word(frame + 12) > 1 ? BAD_STATE : 0;
}

/* The next block, once it has come whole; a wrong one is refused, and the host may send it again. */
static void open_block(void) {
    close_block(0);
    if (!is_pending) return wait();
    if (frame[1] != block_opcode) return fail(BAD_STATE);
    u32 error = block_error(), length = frame_length - HEAD;
    is_pending = 0;
    if (error || word(frame + 12) != blocks) {
        answer(block_opcode, 0, 0, 0, error);
    } else {
        blocks++;
        is_block_open = 1;
        input = slots;
        input_end = slots + length;
        for (u32 index = 0; index < length; index++) slots[index] = frame[HEAD + index];
    }
    await_block();
}

static void open_slot(void) {
    if (is_slot_open) {
        is_slot_open = 0;
        next++;
        have >>= 1;
        acknowledge();
    }
    if (!(have & 1)) return wait();
    is_slot_open = 1;
    input = slots + next % SLOTS * SLOT_BYTES;
    input_end = input + slot_length[next % SLOTS];
}

u32 next_byte(void) {
    while (input == input_end) {
        if (failure) return 0;
        if (block_opcode) open_block();
        else open_slot();
    }
    return *input++;
}

void put_byte(u32 byte) {
    if (block_opcode) {
        adler_low += byte;
        if (adler_low >= ADLER) adler_low -= ADLER;
        adler_high += adler_low;
        if (adler_high >= ADLER) adler_high -= ADLER;
    }
    if (produced == capacity) {
        /* A last block is filled up with FF. */
        if (byte != 0xFF || !block_opcode) fail(TOO_MUCH);
        return;
    }
    while (produced - programmed == WINDOW && !failure) wait();
    window[produced++ % WINDOW] = byte;
    if (produced % BURST) return;
    /* The flash is compared with it page by page, and works on meanwhile. */
    if (!block_opcode) digest_add(&digest, (const u32 *)(window + (produced - BURST) % WINDOW), BURST);
    step();
}

u32 byte_back(u32 distance) { return window[(produced - distance) % WINDOW]; }
int too_far(u32 distance) { return distance > produced; }

static void start(u32 opcode) {
    block_opcode = opcode;
    capacity = produced = programmed = page_done = failure = 0;
    erase_run = erase_sector = write_at_run = 0;
    next = have = blocks = 0;
    adler_low = 1;
    adler_high = 0;
    digest_start(&digest);
    is_busy = is_pending = is_slot_open = is_block_open = 0;
    input = input_end = slots;
    state = RUNNING;
    silent_ms = 0;
    silent_since = cycles();
    for (u32 index = 0; index < run_count; index++)
        if (runs[index] & RUN_WRITTEN) capacity += RUN_COUNT(runs[index]) * SECTOR;
    next_written_run();
}

/* Until all that was unpacked is in the flash, and all that is to be blank is. */
static void finish(void) {
    /* What comes now waits, except for the host of packets. */
    if (block_opcode) state = ENDED;
    while (!failure && (produced - programmed >= PAGE || is_busy || erase_run < run_count)) wait();
    /* The flash ends what it is busy with; nothing else would be taken meanwhile. */
    if (is_busy && !flash_wait(CHANGE_MS)) fail(FLASH_STUCK);
    is_busy = 0;
    state = failure ? ENDED : DONE;
}

/* WRITE: the job's name, then its runs. */
void write_run(void) {
    u32 count = (frame_length - 12) / 4, sectors = flash_bytes() / SECTOR;
    if (frame_length < 12 || count > MOST_RUNS || word(frame + 8) >> 16) return answer_checked(WRITE, 0, 0, BAD_LENGTH);
    run_count = count;
    for (u32 index = 0; index < count; index++) {
        runs[index] = word(frame + 12 + 4 * index);
        if (RUN_SECTOR(runs[index]) + RUN_COUNT(runs[index]) > sectors)
            return answer_checked(WRITE, 0, 0, BAD_SIZE);
    }
    tag = word(frame + 8);
    start(0);
    frame_done(packet, sizeof packet);
    acknowledge();
    if (capacity && !inflate()) fail(BAD_STREAM);
    if (produced != capacity) fail(TOO_LITTLE);
    finish();
    if (is_slot_open) {
        next++;
        have >>= 1;
    }
    acknowledge();
    if (!is_pending) frame_done(slots, sizeof slots);
}

static void take_packed(void) {
    u32 method = next_byte(), sum = 0;
    if ((method & 15) != 8 || next_byte() & 0x20 || !inflate()) return fail(BAD_STREAM);
    for (u32 count = 0; count < 4; count++) sum = sum << 8 | next_byte();
    if (produced != capacity) fail(TOO_LITTLE);
    else if (sum != (adler_high << 16 | adler_low)) fail(BAD_STREAM);
}

/* FLASH_BEGIN and DEFL_BEGIN: `bytes` from `offset` on, all in the flash and not none, packed or in `count` plain blocks. */
void write_blocks(u32 opcode, u32 offset, u32 bytes, u32 count) {
    u32 first = offset / SECTOR, last = (offset + bytes - 1) / SECTOR, before = offset % PAGE;
    run_count = 1;
    runs[0] = first | (last - first) << 12 | RUN_ERASED | RUN_WRITTEN;
    start(opcode);
    await_block();
    write_address = offset - before;
    capacity = before + bytes;
    write_sector_left = (capacity + PAGE - 1) / PAGE;
    for (; produced < before; produced++) window[produced] = 0xFF;
    answer(opcode - 1, 0, 0, 0, 0);
    if (opcode == DEFL_DATA) take_packed();
    else
        while (!failure && (input != input_end || blocks != count)) put_byte(next_byte());
    capacity = (produced + PAGE - 1) & ~(PAGE - 1u);
    while (produced != capacity && !failure) put_byte(0xFF);
    finish();
    close_block(failure);
    if (!is_pending) frame_done(slots, sizeof slots);
}

int write_is_pending(void) {
    int was = is_pending;
    is_pending = 0;
    return was;
}

u32 write_afterwards(u32 opcode, u32 number) {
    if (!state || opcode != block_opcode) return NOT_BEGUN;
    if (failure) return failure;
    return number + 1 == blocks ? 0 : TOO_MUCH;
}

u32 write_end(void) {
    u32 error = state && block_opcode ? failure : 0;
    state = 0;
    return error;
}
