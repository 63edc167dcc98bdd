// Runs many short programs one after the other and keeps what each has left of the CPU: the same image for QEMU and for ours.
//
// It stands at 0x40000000, where VECBASE points to. A program begins with every register as its record says, and ends here:
// by running to its end (`finish`) or at a vector. Its results are stored one record after the other. After the last program
// it jumps to `leave`, in a page of its own.
//
// Symbols that are given: RECORDS, COUNT, RESULTS, and BYTES of all to be written to stdout from OUTPUT on.
// No literal is read between a program's start and the moment when its LITBASE was put back.

        .text
start:  j       begin

        .macro  vector place, marker
        .org    \place
        xsr.excsave2 a0
        movi    a0, \marker
        wsr.excsave3 a0
        j       keep
        .endm

        vector  0x10, 2
        vector  0x20, 3
        vector  0x30, 4
        vector  0x50, 5
        vector  0x70, 6

        .org    0x200
record: .word   RECORDS
result: .word   RESULTS
count:  .word   COUNT
        .word   0
to_leave: .word leave
nowhere: .word  0xFFFFFFFF

        .org    0x300
begin:  movi    a0, 0x1F
        wsr.ps  a0
        rsync
        movi    a0, 0
        wsr.litbase a0
        wsr.intenable a0
        l32r    a0, nowhere
        wsr.intclear a0
        movi    a0, 1
        slli    a0, a0, 30
        wsr.vecbase a0
        rsync
        l32i    a1, a0, 0x208
        bnez    a1, more
        l32r    a0, to_leave
        jx      a0
more:   addi    a1, a1, -1
        s32i    a1, a0, 0x208
        l32i    a1, a0, 0x200
        addmi   a2, a1, 0x100
        s32i    a2, a0, 0x200
        mov     a0, a1

        .macro  set register, number
        l32i    a1, a0, 4 * \number
        wsr.\register a1
        .endm

        set     sar, 16
        set     eps3, 17
        set     epc3, 18
        set     epc1, 19
        set     epc2, 20
        set     depc, 21
        set     eps2, 22
        set     excsave1, 23
        set     litbase, 24
        set     exccause, 25
        set     excvaddr, 26
        set     intenable, 27
        rsync
        .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        l32i    a\number, a0, 4 * \number
        .endr
        l32i    a0, a0, 0
        rfi     3

        .org    0x500
finish: movi    a0, 1
        wsr.excsave3 a0

        // a0 is in EXCSAVE2 by now.
keep:   movi    a0, 1
        slli    a0, a0, 30
        l32i    a0, a0, 0x204
        .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        s32i    a\number, a0, 4 * \number
        .endr
        .macro  get register, number
        rsr.\register a1
        s32i    a1, a0, 4 * \number
        .endm
        get     ps, 17
        get     excsave2, 0
        get     sar, 16
        get     epc1, 18
        get     epc2, 19
        get     epc3, 20
        get     depc, 21
        get     eps2, 22
        get     eps3, 23
        get     excsave1, 24
        get     litbase, 25
        get     exccause, 26
        get     excvaddr, 27
        get     debugcause, 28
        get     intenable, 29
        get     interrupt, 30
        get     excsave3, 31
        addmi   a0, a0, 0x100
        movi    a1, 1
        slli    a1, a1, 30
        s32i    a0, a1, 0x204
        j       begin

        // Another page: writes the results to stdout and exits.
        .org    0x1000
bytes:  .word   BYTES
output: .word   OUTPUT
leave:  l32r    a4, output
        l32r    a5, bytes
write:  movi    a2, 4
        movi    a3, 1
        simcall
        blti    a2, 1, failed
        add     a4, a4, a2
        sub     a5, a5, a2
        bnez    a5, write
        movi    a3, 0
        j       exit
failed: movi    a3, 1
exit:   movi    a2, 1
        simcall
