import ESPLoader

/// What a board does instead of answering, as far as it can be told.
enum Diagnosis: Sendable, Equatable {
    /// The port carries no DTR and RTS, so the board was not restarted.
    case noModemLines
    /// The user did not want it restarted.
    case notRestarted
    /// It was restarted and printed nothing.
    case silent
    /// It was restarted, and what came is not the ROM's text at any of its speeds.
    case otherText(bytes: Int)
    /// The port did not let itself be listened to; an error's text.
    case notHeard(why: String)
    /// It was restarted, and the ROM has said how it starts.
    case started(BootText)

    func advice(_ heard: ConnectSequence.Heard) -> String {
        switch self {
        case .noModemLines:
            "this port carries no DTR and RTS: hold GPIO0 (FLASH) low while pressing reset"
        case .notRestarted:
            "hold GPIO0 (FLASH) low while pressing reset, or leave --before to its default"
        case .silent where heard == .nothing:
            "the board does not print anything when it is restarted: check the cable (some only charge), the port and the power, or "
                + "hold GPIO0 (FLASH) low while pressing reset and pass --before no-reset"
        case .silent:
            "the board runs its own program and is not restarted by RTS: hold GPIO0 (FLASH) low while pressing reset and pass "
                + "--before no-reset"
        case .otherText(let bytes):
            "when it is restarted, \(bytes) bytes come that are not the ROM's boot text: another program prints and is not "
                + "restarted by RTS, or the line is disturbed; hold GPIO0 (FLASH) low while pressing reset and pass "
                + "--before no-reset, and check --baud and the cable"
        case .notHeard(let why):
            "what the board prints when it is restarted could not be heard (\(why)): hold GPIO0 (FLASH) low while pressing "
                + "reset and pass --before no-reset"
        case .started(let text) where text.isLoader:
            "the board starts its loader (boot mode \(text.straps)), but does not answer at this speed: lower --baud"
        case .started(let text):
            "the board restarts, but from its flash (boot mode \(text.straps)): GPIO0 is not pulled low by DTR; hold it (FLASH) low "
                + "while pressing reset and pass --before no-reset"
        }
    }
}
