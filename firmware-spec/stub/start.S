    /* Clears the memory that C expects to be clear; the ROM's stack stays in use. */
    .section .start, "ax"
    .global start
    .align 4
    .literal_position
start:
    /* Whoever ran before may have an interrupt that goes into this memory. */
    movi a4, 0
    wsr a4, intenable
    esync
    movi a2, bss_start
    movi a3, bss_end
1:  s32i a4, a2, 0
    addi a2, a2, 4
    bltu a2, a3, 1b
    movi a0, serve
    jx a0
