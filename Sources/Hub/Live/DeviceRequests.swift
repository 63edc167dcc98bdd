/// The latest request of each device since the hub was started, in memory.
actor DeviceRequests {
    /// The most devices of which a request is kept; beyond, the one that is longest unchanged is forgotten.
    static let limit = 10_000

    private var latest: [Int64: DeviceRequest] = [:]
    private var lastNumber = 0

    /// Begins a request with a number of its own, greater than all before, those of earlier runs included unless the wall
    /// clock was set back.
    func begin(_ device: Int64, at now: Timestamp) -> DeviceRequest {
        lastNumber = max(lastNumber + 1, Int(now.milliseconds))
        let request = DeviceRequest(id: .integer(lastNumber), result: .sent, at: now)
        keep(request, of: device)
        return request
    }

    /// Takes what a base says.
    ///
    /// - Returns: False when something later, or better, is known already.
    func take(_ request: DeviceRequest, of device: Int64) -> Bool {
        if let known = latest[device], !known.gives(wayTo: request) { return false }
        keep(request, of: device)
        return true
    }

    /// All that is kept, by device.
    var all: [(device: Int64, request: DeviceRequest)] {
        latest.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    private func keep(_ request: DeviceRequest, of device: Int64) {
        latest[device] = request
        guard latest.count > Self.limit else { return }
        let oldest = latest.min { $0.value.at.milliseconds < $1.value.at.milliseconds }?.key
        if let oldest { latest[oldest] = nil }
    }
}
