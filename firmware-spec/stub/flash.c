/* The flash, by commands through the SPI controller's registers: none of them waits longer than its way over the bus, so
   that what the flash works on by itself costs no time. */
#include "stub.h"

enum { READ_STATUS = 0x05, WRITE_ENABLE = 0x06, PROGRAM = 0x02, READ_DATA = 0x03, ERASE_SECTOR = 0x20, ERASE_BLOCK = 0xD8,
       ERASE_CHIP = 0xC7, READ_ID = 0x9F };

#define WITH_COMMAND (1u << 31)
#define WITH_ADDRESS (1u << 30)
#define WITH_INPUT (1u << 28)
#define WITH_OUTPUT (1u << 27)
#define ADDRESS_BITS (23u << 26)

static u32 found[4];

void flash_prepare(void) {
    found[0] = SPI_USER;
    found[1] = SPI_USER1;
    found[2] = SPI_USER2;
    found[3] = SPI_CLOCK;
    SPI_CLOCK = SPI_CLOCK_HALF;
}

void flash_give_back(void) {
    SPI_USER = found[0];
    SPI_USER1 = found[1];
    SPI_USER2 = found[2];
    SPI_CLOCK = found[3];
}

static void begin(u32 opcode, u32 phases, u32 lengths, u32 address) {
    SPI_USER = phases | WITH_COMMAND;
    SPI_USER1 = lengths;
    SPI_USER2 = 7u << 28 | opcode;
    SPI_ADDRESS = address << 8;
    SPI_COMMAND = SPI_START;
}

/* 70 bytes at the bus's slowest; a controller that never ends shows in what is read. */
static void end(void) {
    for (u32 tries = 0; SPI_COMMAND & SPI_START && tries < 10000; tries++) {}
}

static void command(u32 opcode, u32 phases, u32 lengths, u32 address) {
    begin(opcode, phases, lengths, address);
    end();
}

u32 flash_bytes(void) {
    command(READ_ID, WITH_INPUT, 23 << 8, 0);
    u32 power = SPI_WORD(0) >> 16 & 0xFF;
    return 1u << (power >= 16 && power < 24 ? power : 24);
}

int flash_is_busy(void) {
    command(READ_STATUS, WITH_INPUT, 7 << 8, 0);
    return SPI_WORD(0) & 1;
}

int flash_wait(u32 milliseconds) {
    u32 since = cycles();
    while (flash_is_busy()) {
        if (cycles() - since < CYCLES_PER_MS) continue;
        if (!milliseconds--) return 0;
        since += CYCLES_PER_MS;
    }
    return 1;
}

static void enable(void) { command(WRITE_ENABLE, 0, 0, 0); }

void flash_start_erase(u32 address, int is_block) {
    enable();
    command(is_block ? ERASE_BLOCK : ERASE_SECTOR, WITH_ADDRESS, ADDRESS_BITS, address);
}

void flash_start_program(u32 address, const u32 *words) {
    enable();
    for (u32 index = 0; index < BURST / 4; index++) SPI_WORD(index) = words[index];
    command(PROGRAM, WITH_ADDRESS | WITH_OUTPUT, ADDRESS_BITS | (BURST * 8 - 1) << 17, address);
}

static void begin_read(u32 address) {
    begin(READ_DATA, WITH_ADDRESS | WITH_INPUT, ADDRESS_BITS | (BURST * 8 - 1) << 8, address);
}

void flash_scan(u32 address, u32 length, void (*take)(const u32 *words, u32 bytes)) {
    u32 words[BURST / 4];
    if (!length) return;
    begin_read(address);
    for (;;) {
        u32 bytes = length < BURST ? length : BURST;
        end();
        for (u32 index = 0; index < BURST / 4; index++) words[index] = SPI_WORD(index);
        address += BURST;
        length -= bytes;
        if (length) begin_read(address);
        take(words, bytes);
        if (!length) return;
    }
}

void flash_read(u32 address, u32 *words, u32 length) {
    for (u32 done = 0; done < length; done += BURST) {
        begin_read(address + done);
        end();
        for (u32 index = 0; index < BURST / 4; index++) *words++ = SPI_WORD(index);
    }
}

int flash_erase(u32 address, u32 length) {
    for (u32 end = address + length; address < end;) {
        int is_block = !(address & 0xFFFF) && end - address >= 0x10000;
        flash_start_erase(address, is_block);
        if (!flash_wait(10000)) return 0;
        address += is_block ? 0x10000 : SECTOR;
    }
    return 1;
}

int flash_erase_all(void) {
    enable();
    command(ERASE_CHIP, 0, 0, 0);
    return flash_wait(200000);
}
