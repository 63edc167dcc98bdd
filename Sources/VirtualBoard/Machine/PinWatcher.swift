/// Who is told when a pin of the chip changes.
public protocol PinWatcher: AnyObject {
    /// - Parameter time: On the chip's own clock: for how long its CPU has run.
    func changed(pin: Int, to level: Bool, at time: Duration)
}
