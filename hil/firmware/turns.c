// A program for the suites that flash a board: it says at 115200 baud that it runs, and counts its turns twice a second.
//
// It stands in the memory of an ESP8266 alone and calls what the chip's ROM has, so that nothing but a compiler is needed. A table
// of pseudo random words makes it large enough for the power to fail in the midst of writing it.

void ets_printf(const char *format, ...);
void ets_delay_us(unsigned time);
void uart_div_modify(int port, unsigned divider);
extern const unsigned filling[];

void start(void) {
    // Until a program sets the PLL the UART's clock is 52 MHz.
    uart_div_modify(0, 52000000 / 115200);
    ets_printf("\r\niot turns 1.0.0, filled with %x\r\n", filling[0]);
    for (int turn = 1;; turn++) {
        ets_printf("turn %d\r\n", turn);
        ets_delay_us(500000);
    }
}
