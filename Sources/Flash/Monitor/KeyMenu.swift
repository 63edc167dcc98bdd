/// What keys mean: most go to the board; Ctrl-] quits; Ctrl-T opens a menu of single keys.
struct KeyMenu {
    enum Action: Equatable {
        case send([UInt8])
        case quit
        /// The menu has opened; say what it offers.
        case menu
        case reset
        case bootloader
        case flashAgain
        case toggleTimestamps
        case toggleHex
        case toggleEcho
        /// Ask for a file's name.
        case askFile
        /// Show this in the place of what has been typed of the file's name so far.
        case fileName(String)
        case sendFile(String)
        /// The question for a file was given up.
        case cancelled
        case unknown(UInt8)
    }

    private enum State {
        case board
        case menu
        case fileName([UInt8])
    }

    static let quitKey: UInt8 = 0x1D
    static let menuKey: UInt8 = 0x14
    /// A name of a file is not longer (PATH_MAX).
    private static let fileNameLimit = 4096

    private let lineEnding: LineEnding
    private var state = State.board

    init(lineEnding: LineEnding) {
        self.lineEnding = lineEnding
    }

    /// What stands in the menu, a line each.
    static let help = [
        "r reset · b bootloader · f flash again · s send file · t timestamps · x hex",
        "e echo · q quit · Ctrl-T or Ctrl-]: send that key to the board",
    ]

    /// Takes what was typed, or pasted; keys that go to the board come together.
    mutating func take(_ bytes: [UInt8]) -> [Action] {
        var actions: [Action] = []
        for byte in bytes {
            guard let action = take(byte) else { continue }
            if case .send(let more) = action, case .send(let before)? = actions.last {
                actions[actions.count - 1] = .send(before + more)
            } else {
                actions.append(action)
            }
        }
        return actions
    }

    private mutating func take(_ byte: UInt8) -> Action? {
        switch state {
        case .board: return onBoard(byte)
        case .menu:
            state = .board
            return onMenu(byte)
        case .fileName(let name): return onFileName(name, byte)
        }
    }

    private mutating func onBoard(_ byte: UInt8) -> Action {
        switch byte {
        case Self.quitKey: return .quit
        case Self.menuKey:
            state = .menu
            return .menu
        // The terminal sends CR for Enter; a pasted text may hold LF.
        case 0x0D, 0x0A: return .send(lineEnding.bytes)
        default: return .send([byte])
        }
    }

    /// A key counts with Ctrl held, too.
    private mutating func onMenu(_ byte: UInt8) -> Action {
        switch byte {
        case Self.menuKey, Self.quitKey: return .send([byte])
        case UInt8(ascii: "r"), 0x12: return .reset
        case UInt8(ascii: "b"), 0x02: return .bootloader
        case UInt8(ascii: "f"), 0x06: return .flashAgain
        case UInt8(ascii: "t"): return .toggleTimestamps
        case UInt8(ascii: "x"), 0x18: return .toggleHex
        case UInt8(ascii: "e"), 0x05: return .toggleEcho
        case UInt8(ascii: "q"), 0x11: return .quit
        case UInt8(ascii: "s"), 0x13:
            state = .fileName([])
            return .askFile
        default: return .unknown(byte)
        }
    }

    private mutating func onFileName(_ name: [UInt8], _ byte: UInt8) -> Action? {
        var name = name
        switch byte {
        case Self.quitKey: return .quit
        case 0x1B, 0x03:
            state = .board
            return .cancelled
        case 0x0D, 0x0A:
            state = .board
            return name.isEmpty ? .cancelled : .sendFile(String(decoding: name, as: UTF8.self))
        case 0x08, 0x7F:
            // A character of several bytes goes as one.
            while let last = name.popLast(), last & 0xC0 == 0x80 {}
        case 0x15: name = []
        case 0x20...0xFF where name.count < Self.fileNameLimit: name.append(byte)
        default: return nil
        }
        state = .fileName(name)
        return .fileName(String(decoding: name, as: UTF8.self))
    }
}
