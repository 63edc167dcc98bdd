/* The parts of the stub and what they ask of each other. The protocol is in ../09-stub-loader.md. */
#ifndef STUB_H
#define STUB_H

#include "chip.h"

enum {
    VERSION = 1,
    SLOTS = 16,
    SLOT_BYTES = 2048,
    SECTOR = 4096,
    PAGE = 256,
    BURST = 64,
    MOST_BLOCK = 16384,
    WINDOW = 32768,
    MOST_RUNS = 240,
};

/* Opcodes. */
enum {
    FLASH_BEGIN = 0x02, FLASH_DATA = 0x03, FLASH_END = 0x04, MEM_BEGIN = 0x05, MEM_END = 0x06, MEM_DATA = 0x07,
    SYNC = 0x08, WRITE_REG = 0x09, READ_REG = 0x0A, SPI_SET_PARAMS = 0x0B, SPI_ATTACH = 0x0D, CHANGE_BAUD = 0x0F,
    DEFL_BEGIN = 0x10, DEFL_DATA = 0x11, DEFL_END = 0x12, FLASH_MD5 = 0x13,
    HELLO = 0x40, ACCESS = 0x41, DIGESTS = 0x42, WRITE = 0x43, PACKET = 0x44, READ = 0x45, DIGEST = 0x46,
    ERASE_FLASH = 0xD0, ERASE_REGION = 0xD1, READ_FLASH = 0xD2, RUN_USER_CODE = 0xD3,
};

/* Errors, as Espressif's stubs number them; 0 is none. */
enum {
    FAILED = 0x06, FLASH_FAILED = 0x08,
    BAD_LENGTH = 0xC0, BAD_CHECKSUM = 0xC1, BAD_SIZE = 0xC2, BAD_STATE = 0xC3, FLASH_STUCK = 0xC4, NOT_BEGUN = 0xC6,
    BAD_STREAM = 0xC7, TOO_LITTLE = 0xC8, TOO_MUCH = 0xC9, UNKNOWN = 0xFF,
};

/* serial.c */
extern u8 *frame;
extern u32 frame_length;
void serial_start(void);
/* No interrupt comes any more: somebody else has the line. */
void serial_stop(void);
void serial_set_baud(u32 baud, u32 old);
/* Puts the next frame together out of what has come; false while it is not whole. */
int frame_whole(void);
/* The frame is dealt with; the next one goes to `place`, where `limit` bytes have room. */
void frame_done(u8 *place, u32 limit);
/* Until something comes, at most 10 ms. */
void serial_sleep(void);
void send_raw(const u8 *content, u32 length);
void answer(u32 opcode, u32 value, const void *data, u32 length, u32 error);
/* An answer whose value is the CRC of the rest, begun with that of the request: a late one is taken for no other's. */
extern u32 answer_seed;
void answer_checked(u32 opcode, const void *data, u32 length, u32 error);
static inline u32 word(const u8 *at) { return at[0] | at[1] << 8 | at[2] << 16 | (u32)at[3] << 24; }

/* digest.c: two sums that have nothing in common, so that one stands for the other where it fails. */
struct digest { u32 crc, fnv; };
void digest_prepare(void);
u32 crc32(u32 crc, const u8 *bytes, u32 length);
void digest_start(struct digest *digest);
void digest_add(struct digest *digest, const u32 *words, u32 bytes);

/* flash.c: commands that end before they return, and those that the flash works on by itself. */
void flash_start_erase(u32 address, int is_block);
void flash_start_program(u32 address, const u32 *words);
/* How the controller was found; whoever comes after the stub finds it so. */
void flash_prepare(void);
void flash_give_back(void);
/* `length` is a multiple of 64. */
void flash_read(u32 address, u32 *words, u32 length);
/* Gives each 64 bytes to `take` while the next ones are on the bus. */
void flash_scan(u32 address, u32 length, void (*take)(const u32 *words, u32 bytes));
/* By its id; as much as addresses reach where that tells nothing. */
u32 flash_bytes(void);
int flash_is_busy(void);
int flash_wait(u32 milliseconds);
int flash_erase(u32 address, u32 length);
int flash_erase_all(void);

/* write.c */
extern u32 failure;
void write_run(void);
void write_blocks(u32 opcode, u32 offset, u32 bytes, u32 count);
void write_stale(void);
/* Whether a command has ended the job, and is still to be carried out. */
int write_is_pending(void);
/* What a block gets that comes behind the end: the last one may come again. */
u32 write_afterwards(u32 opcode, u32 number);
/* How the last job of blocks has ended; it is forgotten. */
u32 write_end(void);
u32 next_byte(void);
void put_byte(u32 byte);
u32 byte_back(u32 distance);
int too_far(u32 distance);

/* inflate.c: raw deflate (RFC 1951) from next_byte to put_byte; false where the stream is none. */
int inflate(void);

/* memory that the parts share by turns */
extern u8 slots[];
extern u8 window[WINDOW];

#endif
