/// The registers that `rsr`, `wsr` and `xsr` reach.
public enum SpecialRegister: UInt8, Sendable, CaseIterable {
    case sar = 3
    case litbase = 5
    case mmid = 89
    case ibreakenable = 96
    case ddr = 104
    case ibreaka0 = 128
    case dbreaka0 = 144
    case dbreakc0 = 160
    case configid0 = 176
    case epc1 = 177
    case epc2 = 178
    case epc3 = 179
    case depc = 192
    case eps2 = 194
    case eps3 = 195
    case configid1 = 208
    case excsave1 = 209
    case excsave2 = 210
    case excsave3 = 211
    /// Read as `interrupt`, written as `intset`.
    case interrupt = 226
    case intclear = 227
    case intenable = 228
    case ps = 230
    case vecbase = 231
    case exccause = 232
    case debugcause = 233
    case ccount = 234
    case prid = 235
    case icount = 236
    case icountlevel = 237
    case excvaddr = 238
    case ccompare0 = 240

    /// Whether `operation` may name it.
    func isReached(by operation: Operation) -> Bool {
        switch (self, operation) {
        case (.mmid, _), (.intclear, _): operation == .wsr
        case (.prid, _), (.configid1, _): operation == .rsr
        case (.interrupt, _), (.configid0, _): operation != .xsr
        default: true
        }
    }

    /// As assemblers write it after `rsr.` and its like.
    func name(in operation: Operation) -> String {
        switch self {
        case .configid0, .configid1: "\(rawValue)"
        case .interrupt where operation == .wsr: "intset"
        default: "\(self)"
        }
    }
}
