import CoreMetrics
import Testing

@testable import Base

@Suite struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry([
        .init(name: "apples_total", kind: .counter, help: "Apples."),
        .init(name: "depth", kind: .gauge, help: "Depth."),
        .init(name: "took_seconds", kind: .histogram, help: "Time."),
    ])

    @Test("the text has each series once, labels escaped and in order, and nothing that was not described")
    func text() {
        let apples = Counter(label: "apples_total", dimensions: [("b", "a\"\\\n"), ("a", "1")], factory: registry)
        apples.increment(by: 2)
        Counter(label: "apples_total", dimensions: [("a", "1"), ("b", "a\"\\\n")], factory: registry).increment()
        Counter(label: "unknown_total", dimensions: [], factory: registry).increment()
        Counter(label: "depth", dimensions: [], factory: registry).increment()
        Meter(label: "depth", dimensions: [], factory: registry).set(1.5)
        #expect(
            registry.text.split(separator: "\n").prefix(6) == [
                "# HELP apples_total Apples.", "# TYPE apples_total counter",
                #"apples_total{a="1",b="a\"\\\n"} 3"#,
                "# HELP depth Depth.", "# TYPE depth gauge", "depth 1.5",
            ])
    }

    @Test("a histogram's buckets add up, with a value on a bound below it")
    func histogram() {
        let timer = Timer(label: "took_seconds", dimensions: [], factory: registry)
        for milliseconds in [1, 2, 100, 90_000_000] { timer.recordMilliseconds(Int64(milliseconds)) }
        let counts = registry.text.split(separator: "\n").filter { $0.hasPrefix("took_seconds") }
            .map { String($0.dropFirst("took_seconds".count)) }
        #expect(
            counts
                == [
                    ("0.001", 1), ("0.0025", 2), ("0.005", 2), ("0.01", 2), ("0.025", 2), ("0.05", 2), ("0.1", 3),
                    ("0.25", 3), ("0.5", 3), ("1", 3), ("2.5", 3), ("5", 3), ("10", 3), ("60", 3), ("600", 3),
                    ("3600", 3), ("86400", 3), ("+Inf", 4),
                ].map { #"_bucket{le="\#($0)"} \#($1)"# } + ["_sum 90000.103", "_count 4"])
    }

    @Test("one name has so many series and no more")
    func cardinality() {
        for number in 0..<1000 {
            Counter(label: "apples_total", dimensions: [("n", "\(number)")], factory: registry).increment()
        }
        #expect(registry.text.split(separator: "\n").count { $0.hasPrefix("apples_total") } == 64)
    }

    @Test("what a report counts becomes a counter that never decreases")
    func counters() {
        let registry = PrometheusRegistry(BaseMetrics.descriptions)
        let metrics = BaseMetrics(factory: registry)
        var report = StatusReport()
        for lines in [5, 7, 6, 9] {
            report.units.lines = lines
            metrics.update(report)
        }
        #expect(registry.text.contains("\niot_base_unit_lines_total 9\n"))
    }
}
