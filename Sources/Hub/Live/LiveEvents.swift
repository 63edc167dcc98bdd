import Foundation

/// Tells the pages that are open what has changed, on ``HubChannel/dashboard``.
struct LiveEvents: Sendable {
    let broker: any EventBroker

    func recorded(_ state: Device.State, of device: Int64) async {
        struct Data: Encodable {
            let device: Int64
            let value: String
            let at: Timestamp
        }
        await publish("device.state", Data(device: device, value: state.value, at: state.at))
    }

    func changed(_ device: Device) async {
        await publish("device.changed", ["device": device])
    }

    func deleted(_ device: Int64) async {
        await publish("device.deleted", ["device": device])
    }

    /// A command was sent to a device, or it is known what became of one.
    func request(_ request: DeviceRequest, of device: Int64) async {
        struct Data: Encodable {
            let device: Int64
            let request: DeviceRequest
        }
        await publish("device.request", Data(device: device, request: request))
    }

    /// There is something new under `GET /api/found-units`.
    func found(_ count: Int) async {
        await publish("units.found", ["count": count])
    }

    func ordered(_ order: [Int64]) async {
        await publish("blocks.ordered", ["order": order])
    }

    func base(_ state: BaseLink.State) async {
        await publish("base.state", state)
    }

    /// Whether there is a page to tell anything.
    var isAnybodyListening: Bool {
        get async { await broker.listeners(on: HubChannel.dashboard) > 0 }
    }

    private func publish(_ event: String, _ data: some Encodable) async {
        guard await isAnybodyListening else { return }
        await broker.publish(event, data: Self.json(data), on: HubChannel.dashboard)
    }

    /// The data of an event as JSON text, keys sorted.
    static func json(_ data: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(data)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
