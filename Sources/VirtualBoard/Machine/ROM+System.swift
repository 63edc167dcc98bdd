import LX106

extension ROM {
    static let system: [Entry] = [
        (
            0x4000_264C, "software_reset",
            { machine in
                machine.restart(.software)
                return .jumps
            }
        ),
        (
            0x4000_0080, "_ResetVector",
            { machine in
                machine.restart(.software)
                return .jumps
            }
        ),
        (0x4000_25E0, "rtc_get_reset_reason", { .returns(UInt32($0.rtc.cause.rawValue)) }),
        (
            0x4000_0FBC, "ets_set_user_start",
            { machine in
                machine.userStart = machine.processor[2]
                return .returns(nil)
            }
        ),
        (0x4000_2F0C, "ets_get_cpu_frequency", { .returns($0.clock.cyclesPerMicrosecond) }),
        (
            0x4000_2F04, "ets_update_cpu_frequency",
            { machine in
                machine.clock.cyclesPerMicrosecond = machine.processor[2]
                return .returns(nil)
            }
        ),
        (0x4000_3170, "ets_wdt_init", { $0.setWatchdog(false) }),
        (0x4000_2FA0, "ets_wdt_enable", { $0.setWatchdog(true) }),
        (0x4000_30F0, "ets_wdt_disable", { $0.setWatchdog(false) }),
        (0x4000_3158, "ets_wdt_restore", { $0.setWatchdog($0.processor[2] != 0) }),
        (0x4000_2F34, "ets_wdt_get_mode", { .returns($0.watchdog.load(Watchdog.Register.control, at: 0) & 1) }),
        (
            0x4000_4678, "Cache_Read_Enable",
            { machine in
                // The second mebibyte of a pair, and the number of the pair.
                let place = (Int(machine.processor[2] & 1) + 2 * Int(machine.processor[3] & 7)) << 20
                machine.memory.showFlash(machine.flash.read(place, MachineMemory.window.bytes))
                return .returns(nil)
            }
        ),
        (
            0x4000_47F0, "Cache_Read_Disable",
            { machine in
                machine.memory.hideFlash()
                return .returns(nil)
            }
        ),
        (
            0x4000_05F0, "srand",
            { machine in
                machine.random = SeededRandom(seed: UInt64(machine.processor[2]))
                return .returns(nil)
            }
        ),
        (0x4000_0600, "rand", { .returns(UInt32(truncatingIfNeeded: $0.random.next()) & 0x7FFF_FFFF) }),
        (0x4000_DD38, "xthal_get_ccount", { $0.timeRead($0.processor[.ccount]) }),
        (0x4000_DD4C, "xthal_get_ccompare", { .returns($0.processor[.ccompare0]) }),
        (
            0x4000_DD40, "xthal_set_ccompare",
            { machine in
                machine.processor[.ccompare0] = machine.processor[3]
                return .returns(nil)
            }
        ),
    ]
}

extension Machine {
    /// - Returns: Whether it was on, as the ROM's routines say it.
    fileprivate func setWatchdog(_ isEnabled: Bool) -> ROM.Outcome {
        let before = watchdog.load(Watchdog.Register.control, at: 0) & 1
        watchdog.set(enabled: isEnabled, at: ticks)
        return .returns(before)
    }

    fileprivate func timeRead(_ value: UInt32) -> ROM.Outcome {
        timeReads += 1
        return .returns(value)
    }
}
