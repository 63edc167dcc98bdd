/// What comes of it when something is wrong: status and error in hexadecimal digits, or what esptool tells its user.
extension StubProtocolTests {
    static let blocks = [
        ("data before a begin", #"["01c6", "01c6"]"#),
        (
            "wrong blocks among right ones",
            #"["0000", "0000", "01c1", "01c0", "01c0", "01c3", "0000", "0000", "0000", "0000", "01c9", "0000", "01c6"]"#
        ),
        ("only the right ones are in the flash", "true"),
        ("a damaged block", #"["01c0", "0000", "0000"]"#),
        ("the one behind it is in the flash", "true"),
        ("a broken stream", #"["0000", "01c7", "01c7", "01c7", true]"#),
        ("no stream at all", #"["0000", "01c7", "01c7", "01c7", true]"#),
        ("a wrong sum", #"["0000", "01c7", "01c7", "01c7", true]"#),
        ("a stream of too much", #"["0000", "01c9", "01c9", "01c9", true]"#),
        ("a stream of too little", #"["0000", "01c8", "01c8", "01c8", true]"#),
        ("half a stream", #"["0000", "0000", "01c8", "0000", true]"#),
        ("half of the blocks", #"["0000", "0000", "01c8", true]"#),
        ("more than the blocks were to bring", #"["0000", "01c9", "01c9"]"#),
        ("the whole stream", #"["0000", "0000", "0000"]"#),
        ("it is in the flash", "true"),
    ]

    static let places = [
        ("past the end: erase", #"["01c2", "01c2", "01c2", "01c2", "01c2"]"#),
        ("past the end: write", #"["01c2", "01c2", "01c2", "01c2", "01c2", "01c2", "01c2", "01c2", "01c2", "01c2"]"#),
        ("past the end: digest", #"["01c2", "01c2", "01c2", "01c2", "01c2"]"#),
        ("past the end: read", #"["01c2", "01c2", "01c2", "01c2", "01c2"]"#),
        ("not in sectors", #"["01c2", "01c2"]"#),
        ("blocks too large", #"["01c2", "01c2"]"#),
        ("registers that are not there", #"["0106", "0106", "0106", "0106", "0106", "0106"]"#),
        ("registers that cannot be written", #"["0106", "0106", "0106", "0106"]"#),
        ("a delay of an hour", #""01c2""#),
        ("memory that is not to be had", #"["01c2", "01c2", "01c2", "01c2", "01c2", "01c2", "01c2"]"#),
        ("memory before a begin", #""01c6""#),
        ("memory beyond its size", #"["0000", "01c9", "01c9"]"#),
        ("an entry that is none", #"["01c2", "01c2", "01c2"]"#),
        ("speeds that are none", #"["01c2", "01c2", "01c2"]"#),
        ("what is no command", #"["01ff", "01ff", "01ff", "01ff", "01ff"]"#),
        (
            "too few arguments",
            #"["01c0", "01c0", "01c0", "01c0", "01c0", "01c0", "01c0", "01c0", "01c0", "01c2", "01c2"]"#
        ),
        ("a frame of another length than its head tells", #""01c0""#),
        ("well after all that", "true"),
    ]

    static let unwritable = [
        ("nothing else has changed", "true"),
        ("blocks that come twice", #"["0000", "0000", "0000", "0000", "0000", "0000", "0000", true]"#),
        ("they are in the flash once", "true"),
        ("a read that is left", "true"),
        ("a write that is left", "true"),
        ("nothing else has changed", "true"),
        (
            "a protected flash",
            #"["Failed to erase region (result was 0108: Flash write error)", "Failed to erase flash (result was 0108: Flash write error)", "Failed to write to target flash after seq 0 (result was 0108: Flash write error)", "Failed to leave flash download mode (result was 0108: Flash write error)", true]"#
        ),
        ("it is as it was", "true"),
        ("no longer protected, it is erased", "true"),
        ("a bad sector, plain", #"[true, "Failed to write to target flash", "Flash write error)", true]"#),
        ("its end", #"["Failed to leave flash download mode (result was 0108: Flash write error)", true]"#),
        ("what is before it", "true"),
        ("and what is far behind", "true"),
        ("a bad sector, packed", #"[true, true]"#),
        (
            "a bad sector, by write-flash",
            #"["Failed to write to target flash after seq 0 (result was 0108: Flash write error)", true]"#
        ),
        ("a bad sector, erased", #"["Failed to erase region (result was 0108: Flash write error)", true]"#),
    ]

    /// Status and error, the words that were read, and what four registers hold then, which held 0 to 3 before.
    static let accesses = [
        ("all come true", #"["0000", ["0xa5", "0xf1"], ["0xa5", "0xf1", "0x2", "0x3"]]"#),
        ("the first wait fails", #"["0106", [], ["0x0", "0x1", "0x2", "0x3"]]"#),
        ("a wait in the middle fails", #"["0106", ["0x3", "0x7"], ["0x7", "0x1", "0x2", "0x3"]]"#),
        ("the second of two waits fails", #"["0106", ["0x30"], ["0x0", "0x1", "0x30", "0x3"]]"#),
        ("the last wait fails", #"["0106", [], ["0x1", "0x2", "0x3", "0x4"]]"#),
        ("nothing is under the mask", #"["0000", ["0x0"], ["0x0", "0x1", "0x2", "0x3"]]"#),
        ("more is wanted than is under the mask", #"["0106", [], ["0x0", "0x1", "0x2", "0x3"]]"#),
        ("a wait for what is not there", #"["0106", ["0x1"], ["0x0", "0x1", "0x2", "0x3"]]"#),
        ("a write to what is not there", #"["0106", ["0x1"], ["0x0", "0x1", "0x2", "0x3"]]"#),
        ("forty waits that fail are one", #"["0106", [], ["0x0", "0x1", "0x2", "0x3"]]"#),
        ("a damaged batch", #"["01c1", [], ["0x0", "0x1", "0x2", "0x3"]]"#),
        ("well after all that", "[true, true]"),
    ]
}
