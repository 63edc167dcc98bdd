import Foundation
import Glibc
import ServiceLifecycle

/// Paints a view on the terminal, twice a second, over what it has painted before.
struct ViewPainter: Service {
    private static let pause = Duration.milliseconds(500)

    let layout: FleetLayout
    let shard: Shard
    let colors: LampColors
    let host: any FleetHost

    func run() async throws {
        let lamps = shard.numbers(of: layout.count).filter {
            layout.cohorts[layout.cohort(of: $0)].kind == .updatable
        }
        await cancelWhenGracefulShutdown {
            var before: FleetSnapshot?
            let screen = Screen()
            defer { screen.end() }
            while !Task.isCancelled {
                let now = await host.snapshot()
                let rates = before.map { FleetView.Rates(from: $0, to: now) } ?? FleetView.Rates()
                before = now
                let size = Self.size
                let view = FleetView(snapshot: now, rates: rates, colors: colors.all, lamps: lamps)
                screen.paint(view.lines(width: size.columns, height: size.rows))
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    private static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
