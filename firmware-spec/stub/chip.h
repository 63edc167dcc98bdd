/* What the stub uses of the ESP8266: registers, and routines of its ROM by the addresses that link.ld gives them.
   Source: Espressif's uart_register.h and spi_register.h; calls seen in Espressif's stub loaders. */
#ifndef CHIP_H
#define CHIP_H

#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;

#define REG(address) (*(volatile u32 *)(address))

#define UART_FIFO REG(0x60000000)
#define UART_INT_ENABLE REG(0x6000000C)
#define UART_INT_CLEAR REG(0x60000010)
#define UART_DIVIDER REG(0x60000014)
#define UART_STATUS REG(0x6000001C)
#define UART_CONF1 REG(0x60000024)
#define UART_INT_FULL (1u << 0)
#define UART_INT_TIMEOUT (1u << 8)
/* Twice the crystal: 26 MHz on most boards, 40 on some. */
#define UART_CLOCK_26 52000000u
#define UART_CLOCK_40 80000000u
#define UART_LINE 5
/* Of CCOMPARE0. */
#define ALARM_LINE 6

#define SPI_COMMAND REG(0x60000200)
#define SPI_ADDRESS REG(0x60000204)
#define SPI_CLOCK REG(0x60000218)
/* Half of the bus: 40 MHz, or 26 where the ROM has left it at 52. */
#define SPI_CLOCK_HALF 0x1001
#define SPI_USER REG(0x6000021C)
#define SPI_USER1 REG(0x60000220)
#define SPI_USER2 REG(0x60000224)
#define SPI_WORD(n) REG(0x60000240 + 4 * (n))
#define SPI_START (1u << 18)

/* Of the CPU at its fastest: with a crystal of 26 MHz the ROM's loader leaves it at 52 MHz, and a wait is longer than it says. */
#define CYCLES_PER_MS 80000u

void ets_isr_attach(int line, void (*handler)(void *), void *argument);
void ets_isr_mask(u32 lines);
void ets_isr_unmask(u32 lines);
void ets_delay_us(u32 microseconds);
void SelectSpiFunction(void);
void software_reset(void);
void uart_div_modify(int uart, u32 divider);

typedef struct { u8 bytes[88]; } md5_context;
void MD5Init(md5_context *);
void MD5Update(md5_context *, const void *, u32);
void MD5Final(u8 *, md5_context *);

static inline u32 cycles(void) {
    u32 now;
    __asm__ volatile("rsr %0, ccount" : "=a"(now));
    return now;
}

#endif
