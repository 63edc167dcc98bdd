/// What is known of the base: it is connected while somebody listens to one of ``HubChannel/ofRequests``.
actor BaseLink {
    /// As `GET /api/base` shows it.
    struct State: Equatable, Sendable, Encodable {
        var connected: Bool
        /// When the present connection was made; nil without one.
        var since: Timestamp?
        /// When the last webhook came in since the hub was started.
        var lastMeasurementAt: Timestamp?

        private enum CodingKeys: String, CodingKey {
            case connected, since, lastMeasurementAt
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(connected, forKey: .connected)
            try container.encode(since, forKey: .since)
            try container.encode(lastMeasurementAt, forKey: .lastMeasurementAt)
        }
    }

    private(set) var state = State(connected: false)

    /// - Returns: The new state, when this changed whether the base is connected.
    func occupied(_ isOccupied: Bool, at now: Timestamp) -> State? {
        guard isOccupied != state.connected else { return nil }
        state.connected = isOccupied
        state.since = isOccupied ? now : nil
        return state
    }

    func measured(at now: Timestamp) {
        state.lastMeasurementAt = now
    }
}
