import TestSupport
import Testing
import UnitProtocol

@testable import Base

@Suite struct ServiceBrowserTests {
    private let lamp: AnnouncedUnit
    private let response: DNSMessage
    private let service: DNSName

    init() throws {
        service = try #require(DNSName(AnnouncedUnit.service))
        lamp = AnnouncedUnit(name: "Hall lamp", kind: .updatable, addresses: [try IPv4Address("192.168.1.30")])
        response = try DNSMessageTests.parsed()
    }

    /// Wakes a browser whenever it wants to be; gives what it sends, and when in milliseconds.
    private func run(
        _ browser: inout ServiceBrowser, from start: Duration = .zero, until end: Duration
    ) throws -> [(at: Int, message: DNSMessage)] {
        var sent: [(at: Int, message: DNSMessage)] = []
        var now = start
        while now <= end {
            var wake: Duration?
            for action in browser.wake(at: now) {
                switch action {
                case .send(let bytes): sent.append((now.milliseconds, try DNSMessage(bytes)))
                case .wake(let moment): wake = moment
                case .found: Issue.record("nothing was received")
                }
            }
            let next = try #require(wake)
            #expect(next > now)
            now = next
        }
        return sent
    }

    private func found(_ actions: [ServiceBrowser.Action]) -> [AnnouncedUnit] {
        actions.compactMap { if case .found(let unit) = $0 { unit } else { nil } }
    }

    @Test("queries begin after 20 to 120 ms and go out with doubling pauses, up to an hour")
    func pauses() throws {
        for (random, first) in [(0.0, 20), (1.0, 120)] {
            var browser = ServiceBrowser(service: service, at: .zero, random: random)
            let sent = try run(&browser, until: .seconds(12_000))
            #expect(
                sent.map(\.at).map { ($0 - first) / 1000 } == [
                    0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047, 4095, 7695, 11_295,
                ]
            )
            #expect(
                Set(sent.map { $0.message.questions.map { "\($0.name) \($0.type)" } }) == [["_iot-unit._tcp.local 12"]])
        }
    }

    @Test("an answer that has all is a unit, told once")
    func whole() {
        var browser = ServiceBrowser(service: service, at: .zero, random: 0)
        #expect(found(browser.receive(response.encoded, at: .zero)) == [lamp])
        #expect(found(browser.receive(response.encoded, at: .seconds(5))) == [])
    }

    @Test("what is missing of a unit is asked for, three times")
    func missing() throws {
        var browser = ServiceBrowser(service: service, at: .zero, random: 0)
        var pointer = response
        pointer.answers = [response.answers[0]]
        pointer.additionals = []
        #expect(found(browser.receive(pointer.encoded, at: .seconds(1))) == [])
        let questions = try run(&browser, from: .seconds(1), until: .seconds(30)).map(\.message.questions)
            .filter { $0.first?.type != DNSRecord.Kind.ptr }
        let names = questions.map { $0.map { "\($0.name) \($0.type)" } }
        let wanted = ["Hall lamp._iot-unit._tcp.local 33", "Hall lamp._iot-unit._tcp.local 16"]
        #expect(names == [wanted, wanted, wanted])
        var rest = response
        rest.answers.removeFirst()
        #expect(found(browser.receive(rest.encoded, at: .seconds(31))) == [lamp])
    }

    @Test("what is known is sent along as long as it has more than half of its time left")
    func knownAnswers() throws {
        var browser = ServiceBrowser(service: service, at: .zero, random: 0)
        _ = browser.receive(response.encoded, at: .zero)
        let sent = try run(&browser, until: .seconds(12_000)).filter {
            $0.message.questions.first?.type == DNSRecord.Kind.ptr
        }
        let known = sent.filter { !$0.message.answers.isEmpty }
        #expect(known.last?.at == 2_047_020)
        #expect(known.last?.message.answers.map(\.timeToLive) == [2452])
        #expect(known.last?.message.answers.map(\.contents) == [response.answers[0].contents])
    }

    @Test("a unit that says goodbye, and one whose time is over, is told anew when it comes back")
    func goodbye() {
        var browser = ServiceBrowser(service: service, at: .zero, random: 0)
        _ = browser.receive(response.encoded, at: .zero)
        var goodbye = response
        goodbye.answers[0].timeToLive = 0
        #expect(found(browser.receive(goodbye.encoded, at: .seconds(1))) == [])
        #expect(found(browser.receive(response.encoded, at: .seconds(3))) == [lamp])
        #expect(found(browser.receive(response.encoded, at: .seconds(4502))) == [])
        #expect(found(browser.receive(response.encoded, at: .seconds(9003))) == [lamp])
    }

    @Test("a new address that flushes the cache takes the place of the old one; one that does not comes beside it")
    func addresses() throws {
        var browser = ServiceBrowser(service: service, at: .zero, random: 0)
        _ = browser.receive(response.encoded, at: .zero)
        var moved = response
        moved.additionals[0].contents = .a(try IPv4Address("192.168.1.31"))
        let next = AnnouncedUnit(name: lamp.name, kind: lamp.kind, addresses: [try IPv4Address("192.168.1.31")])
        #expect(found(browser.receive(moved.encoded, at: .seconds(5))) == [next])
        var second = response
        second.additionals[0].classBits = DNSRecord.internet
        let both = AnnouncedUnit(name: lamp.name, kind: lamp.kind, addresses: lamp.addresses + next.addresses)
        #expect(found(browser.receive(second.encoded, at: .seconds(10))) == [both])
    }

    @Test("queries, errors, other services, other ports, other classes and nonsense are no units")
    func others() throws {
        var query = response
        query.flags = 0
        var error = response
        error.flags = 0x8403
        var other = response
        other.answers[0].name = try #require(DNSName("_http._tcp.local"))
        var port = response
        port.answers[1].contents = .srv(
            priority: 0, weight: 0, port: 80, target: try #require(DNSName("hall.local")))
        var chaos = response
        for index in chaos.answers.indices { chaos.answers[index].classBits = 3 }
        for bytes in [query, error, other, port, chaos].map(\.encoded) + [[], [1, 2, 3]] {
            var browser = ServiceBrowser(service: service, at: .zero, random: 0)
            #expect(found(browser.receive(bytes, at: .zero)) == [])
        }
    }

    @Test("names and keys have no case, and a name has no control characters")
    func cases() throws {
        var loud = response
        loud.answers[0].name = try #require(DNSName("_IOT-Unit._TCP.Local"))
        loud.answers[2].contents = .txt([Array("other".utf8), Array("KIND=updatable".utf8), Array("kind=read".utf8)])
        loud.additionals[0].name = try #require(DNSName("HALL.local"))
        let name = try #require(DNSName(labels: [Array("Hall\n lamp".utf8)] + service.labels))
        loud.answers[0].contents = .ptr(name)
        loud.answers[1].name = name
        loud.answers[2].name = name
        var browser = ServiceBrowser(service: service, at: .zero, random: 0)
        #expect(found(browser.receive(loud.encoded, at: .zero)) == [lamp])
    }

    @Test("more instances than the limit are not kept")
    func limit() throws {
        var browser = ServiceBrowser(service: service, at: .zero, random: 0)
        var count = 0
        for number in 0..<ServiceBrowser.limit + 20 {
            let name = try #require(DNSName(labels: [Array("unit \(number)".utf8)] + service.labels))
            var message = response
            message.answers[0].contents = .ptr(name)
            message.answers[1].name = name
            message.answers[2].name = name
            count += found(browser.receive(message.encoded, at: .zero)).count
        }
        #expect(count == ServiceBrowser.limit)
    }

    @Test("whatever datagrams come, the browser goes on")
    func fuzz() {
        var browser = ServiceBrowser(service: service, at: .zero, random: 0)
        let whole = response.encoded
        for seed in 0..<2000 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var bytes = whole
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 12..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = browser.receive(bytes, at: .seconds(Int(seed)))
            _ = browser.wake(at: .seconds(Int(seed)))
        }
        #expect(found(browser.receive(whole, at: .seconds(1_000_000))) == [lamp])
    }
}
