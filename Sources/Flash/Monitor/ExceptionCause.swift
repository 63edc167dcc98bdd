/// Why the processor has left the program.
///
/// Source: Xtensa Instruction Set Architecture Reference Manual, table "Exception Causes"; the words in brackets are its
/// names.
enum ExceptionCause {
    static func text(_ number: Int) -> String {
        texts[number] ?? "not named by the processor's manual"
    }

    private static let texts: [Int: String] = [
        0: "an instruction that there is none (IllegalInstruction)",
        1: "a system call (Syscall)",
        2: "the instruction could not be fetched (InstructionFetchError)",
        3: "a load or store failed, often one of a byte in the flash's or the instructions' memory (LoadStoreError)",
        4: "an interrupt of level 1 (Level1Interrupt)",
        5: "a move of the stack's window (Alloca)",
        6: "a division by zero (IntegerDivideByZero)",
        8: "a privileged instruction (Privileged)",
        9: "a load or store at an address that is not aligned (LoadStoreAlignment)",
        12: "the bus gave wrong data for an instruction (InstrPIFDataError)",
        13: "the bus gave wrong data to a load or store (LoadStorePIFDataError)",
        14: "the bus knows no such address of an instruction (InstrPIFAddrError)",
        15: "the bus knows no such address of a load or store (LoadStorePIFAddrError)",
        16: "no translation for an instruction's address (InstTLBMiss)",
        17: "several translations for an instruction's address (InstTLBMultiHit)",
        18: "an instruction's address that needs more privilege (InstFetchPrivilege)",
        20: "a jump to where no instructions are (InstFetchProhibited)",
        24: "no translation for the address of a load or store (LoadStoreTLBMiss)",
        25: "several translations for the address of a load or store (LoadStoreTLBMultiHit)",
        26: "a load or store that needs more privilege (LoadStorePrivilege)",
        28: "a load from where nothing may be read, often through a null pointer (LoadProhibited)",
        29: "a store to where nothing may be written, often through a null pointer (StoreProhibited)",
    ]
}
