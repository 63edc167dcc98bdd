import TestSupport

/// A C program that means nothing, so that a compiler makes all kinds of instructions of it.
enum RandomProgram {
    static func text(seed: UInt64, functions: Int) -> String {
        var random = SeededRandom(seed: seed)
        var text = """
            typedef unsigned char u8; typedef signed short s16; typedef unsigned short u16; typedef unsigned u32;
            extern u8 bytes[256]; extern s16 halves[256]; extern u16 unsigned_halves[256]; extern volatile u32 words[256];
            extern int away(int, int); extern int (*table[16])(int, int);

            """
        for index in 0..<functions {
            text += "int f\(index)(int a, int b) {\n    int c = \(constant(&random)), d = a ^ b; u32 e = b, f = a;\n"
            for _ in 0..<Int.random(in: 4...20, using: &random) { text += "    \(statement(&random, before: index))\n" }
            text += "    return a + b * c - d + (int)(e | f);\n}\n"
        }
        return text
    }

    private static func constant(_ random: inout SeededRandom) -> String { "(int)\(random.word())u" }

    private static func name(_ random: inout SeededRandom) -> String {
        ["a", "b", "c", "d", "e", "f"].randomElement(using: &random) ?? "a"
    }

    private static func value(_ random: inout SeededRandom, depth: Int = 2) -> String {
        guard depth > 0 else { return random.oneIn(3) ? constant(&random) : name(&random) }
        let left = value(&random, depth: depth - 1)
        let right = value(&random, depth: depth - 1)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return "(\(left) + \(right))"
        case 1: return "(\(left) - \(right))"
        case 2: return "(\(left) * \(right))"
        case 3: return "(\(left) & \(right))"
        case 4: return "((\(left) << \(Int.random(in: 1...3, using: &random))) + \(right))"
        case 5: return "(\(left) >> (\(right) & 31))"
        case 6: return "((u32)\(left) >> \(Int.random(in: 1...31, using: &random)))"
        case 7: return "((s16)\(left) * (s16)\(right))"
        case 8: return "__builtin_clz(\(left) | 1)"
        case 9: return "(bytes[\(left) & 255] + halves[\(right) & 127])"
        case 10: return "(unsigned_halves[\(Int.random(in: 0..<256, using: &random))] ^ \(right))"
        default: return "(\(left) < 0 ? -\(left) : \(right))"
        }
    }

    private static func statement(_ random: inout SeededRandom, before index: Int) -> String {
        let (target, value) = (name(&random), value(&random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return "if (\(value) & \(1 << Int.random(in: 0..<31, using: &random))) \(target) += \(name(&random));"
        case 1: return "while (\(target)-- > 0) words[\(target) & 255] += \(value);"
        case 2: return "bytes[\(target) & 255] = \(value);"
        case 3: return "halves[\(Int.random(in: 0..<256, using: &random))] = \(value);"
        case 4: return "\(target) = away(\(name(&random)), \(value));"
        case 5: return "\(target) = table[\(value) & 15](\(name(&random)), 5);"
        case 6: return "if ((u32)\(target) < \(Int.random(in: 2...300, using: &random))u) \(target) = \(value);"
        case 7:
            return
                "switch (\(target) & 7) { case 1: d = 5; break; case 2: a = b; case 5: b -= 9; break; default: c ^= \(value); }"
        case 8:
            return index > 0 ? "\(target) ^= f\(Int.random(in: 0..<index, using: &random))(\(target), \(value));" : ";"
        default: return "\(target) = \(value);"
        }
    }
}
