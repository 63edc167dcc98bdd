import NIOHTTP1
import TestSupport
import Testing

/// The JSON API over real connections, each answer whole.
@Suite(.timeLimit(.minutes(5)))
struct DeviceRoutesTests {
    private static func error(_ status: Int, _ code: String, _ message: String) -> String {
        #"\#(status) {"error":{"code":"\#(code)","message":"\#(message)"}}"#
    }

    private let notLoggedIn = error(
        401, "not_logged_in", "This needs a login or a token; log in, or send Authorization: Bearer TOKEN.")
    private let badToken = error(
        401, "bad_token", "This token is unknown or was revoked; make one with iot hub token create.")
    private let forbidden = error(
        403, "forbidden", "This token may not do that; make one with another ability (admin, read, base or device).")
    private let unknownDevice = error(
        404, "unknown_device", "There is no such device; GET /api/devices lists those that exist.")
    private let taken = error(
        409, "address_taken",
        "Another device has the address 192.168.1.20; an address belongs to one device.")

    private func invalid(_ reason: String) -> String { Self.error(422, "invalid", reason) }

    private let sensor =
        #"{"active":true,"address":"192.168.1.20","id":1,"kind":"read","lastState":null,"name":"sensor","uuid":"UUID"}"#
    private let lamp =
        #"{"active":false,"address":"192.168.1.21","id":2,"kind":"updatable","lastState":null,"name":"lamp","uuid":"UUID"}"#
    private let deskLamp =
        #"{"active":true,"address":"192.168.1.22","id":2,"kind":"updatable","lastState":null,"name":"desk lamp","uuid":"UUID"}"#

    @Test("Who may not, hears why")
    func access() async throws {
        try await RunningHub.run { hub in
            let read = try await hub.token("read")
            let base = try await hub.token("base")
            let unknown = "iot_1_" + String(repeating: "A", count: 43)
            let device = #"{"name":"x","kind":"read","address":"192.168.1.2"}"#
            #expect(try await hub.call(.GET, "/api/devices") == notLoggedIn)
            #expect(try await hub.call(.GET, "/api/devices", token: unknown) == badToken)
            #expect(try await hub.call(.GET, "/api/devices", token: base) == forbidden)
            #expect(try await hub.call(.GET, "/api/devices", token: read) == #"200 {"devices":[]}"#)
            for (method, path) in [
                (HTTPMethod.POST, "/api/devices"), (.PATCH, "/api/devices/1"), (.DELETE, "/api/devices/1"),
                (.PUT, "/api/blocks"), (.POST, "/api/devices/1/requests"), (.POST, "/api/tokens"),
                (.DELETE, "/api/tokens/1"),
            ] {
                #expect(try await hub.call(method, path, token: read, json: device) == forbidden, "\(method) \(path)")
                #expect(try await hub.call(method, path, json: device) == notLoggedIn, "\(method) \(path)")
            }
            #expect(try await hub.call(.PUT, "/webhook/update-unit/10.0.0.1/5", token: read) == forbidden)
        }
    }

    @Test("Devices are made, listed, changed, ordered and deleted")
    func devices() async throws {
        try await RunningHub.run { hub in
            let admin = try await hub.token("admin")
            func call(_ method: HTTPMethod, _ path: String, _ json: String? = nil) async throws -> String {
                try await hub.call(method, path, token: admin, json: json)
            }
            #expect(
                try await call(.POST, "/api/devices", #"{"name":"sensor","kind":"read","address":"192.168.1.20"}"#)
                    == #"201 {"device":\#(sensor)}"#)
            #expect(
                try await call(
                    .POST, "/api/devices",
                    #"{"name":"lamp","kind":"updatable","address":"192.168.1.21","active":false}"#)
                    == #"201 {"device":\#(lamp)}"#)
            #expect(
                try await call(.POST, "/api/devices", #"{"name":"x","kind":"read","address":"192.168.1.20"}"#) == taken)
            #expect(try await call(.GET, "/api/devices/2") == #"200 {"device":\#(lamp)}"#)
            #expect(
                try await call(
                    .PATCH, "/api/devices/2", #"{"name":"desk lamp","active":true,"address":"192.168.1.22"}"#)
                    == #"200 {"device":\#(deskLamp)}"#)
            #expect(try await call(.PATCH, "/api/devices/2", #"{"address":"192.168.1.20"}"#) == taken)
            #expect(try await call(.PUT, "/api/blocks", #"{"order":[2,1]}"#) == #"200 {"order":[2,1]}"#)
            #expect(try await call(.GET, "/api/devices") == #"200 {"devices":[\#(deskLamp),\#(sensor)]}"#)
            #expect(try await call(.DELETE, "/api/devices/1") == "204 ")
            #expect(try await call(.GET, "/api/devices") == #"200 {"devices":[\#(deskLamp)]}"#)
            #expect(
                try await call(.GET, "/api/base") == #"200 {"connected":false,"lastMeasurementAt":null,"since":null}"#)
            for (method, path) in [
                (HTTPMethod.GET, "/api/devices/1"), (.GET, "/api/devices/two"), (.PATCH, "/api/devices/1"),
                (.DELETE, "/api/devices/1"), (.GET, "/api/devices/1/states"), (.POST, "/api/devices/1/requests"),
            ] {
                let json = method == .PATCH ? #"{"name":"x"}"# : #"{"payload":"red"}"#
                #expect(try await call(method, path, method == .GET ? nil : json) == unknownDevice, "\(method) \(path)")
            }
        }
    }

    @Test("All that is wrong with a request is said at once, in words")
    func mistakes() async throws {
        try await RunningHub.run { hub in
            let admin = try await hub.token("admin")
            func call(_ method: HTTPMethod, _ path: String, _ json: String? = nil) async throws -> String {
                try await hub.call(method, path, token: admin, json: json)
            }
            _ = try await call(.POST, "/api/devices", #"{"name":"sensor","kind":"read","address":"192.168.1.20"}"#)
            _ = try await call(.POST, "/api/devices", #"{"name":"lamp","kind":"updatable","address":"192.168.1.21"}"#)
            #expect(
                try await call(.POST, "/api/devices", "{")
                    == Self.error(
                        400, "bad_json",
                        "The body must be a JSON object; it is not JSON: line 1, column 2: "
                            + "a key in double quotes is expected here."))
            #expect(
                try await call(.POST, "/api/devices", "[]")
                    == Self.error(400, "bad_json", "The body must be a JSON object; it is a list."))
            #expect(
                try await call(.POST, "/api/devices", "{}")
                    == invalid("name: is missing; kind: is missing; address: is missing"))
            #expect(
                try await call(
                    .POST, "/api/devices", #"{"name":"","kind":"toaster","address":"localhost","active":1,"colour":2}"#)
                    == invalid(
                        #"name: must have 1 to 100 characters, and no control characters; address: \"localhost\" is "#
                            + "not an IPv4 address; write four numbers such as 192.168.1.20; active: must be true or "
                            + #"false, not a whole number; kind: must be one of \"read\", \"updatable\", not "#
                            + #"\"toaster\"; colour: is not a key that is known here; known are: active, address, "#
                            + "kind, name"))
            #expect(
                try await call(.PATCH, "/api/devices/2", #"{"kind":"read"}"#)
                    == invalid("kind: is not a key that is known here; known are: active, address, name"))
            #expect(
                try await call(.PUT, "/api/blocks", #"{"order":[2,2,"1"]}"#)
                    == invalid(
                        "order[1]: names device 2 a second time; order[2]: must be the id of a device, not a string"))
            #expect(try await call(.PUT, "/api/blocks", #"{"order":[7]}"#) == invalid("order: there is no device 7"))
            #expect(try await call(.PUT, "/api/blocks", "{}") == invalid("order: is missing"))
            #expect(try await call(.POST, "/api/devices/2/requests", "{}") == invalid("payload: is missing"))
            #expect(
                try await call(.POST, "/api/devices/2/requests", #"{"payload":"re\rd"}"#)
                    == invalid(
                        "payload: the payload contains a carriage return, which would end the command early; send two "
                            + "commands instead"))
            #expect(
                try await call(.POST, "/api/devices/1/requests", #"{"payload":"red"}"#)
                    == Self.error(
                        409, "not_updatable", "The device is a read unit; only updatable units take requests."))
            #expect(
                try await call(.POST, "/api/devices/2/requests", #"{"payload":"red"}"#)
                    == Self.error(
                        503, "no_base",
                        "No base is connected, so nobody would pass the request on; start one with iot base."))
            _ = try await call(.PATCH, "/api/devices/2", #"{"active":false}"#)
            #expect(
                try await call(.POST, "/api/devices/2/requests", #"{"payload":"red"}"#)
                    == Self.error(409, "inactive_device", "The device is not active; activate it first."))
            for limit in ["0", "10001", "many"] {
                #expect(
                    try await call(.GET, "/api/devices/1/states?limit=\(limit)")
                        == invalid("limit: must be a whole number from 1 to 10000"))
            }
            #expect(
                try await call(.GET, "/api/devices/1/states?from=yesterday")
                    == invalid("from: must be a time such as TIME"))
            #expect(
                try await call(.PUT, "/api/devices", "{}")
                    == Self.error(405, "method_not_allowed", "This path takes GET, HEAD, POST only."))
            #expect(
                try await call(.GET, "/api/nothing")
                    == Self.error(404, "not_found", "There is nothing at this path."))
            #expect(
                try await call(.POST, "/api/devices", #"{"name":""# + String(repeating: "x", count: 70_000) + #""}"#)
                    == Self.error(413, "too_large", "The body of the request is larger than 64 KiB."))
        }
    }
}
