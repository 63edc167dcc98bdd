import CLibUSB
import Glibc

/// What libusb's codes mean for a port.
enum USBFailure {
    static func reason(_ code: Int32, operation: String) -> SerialError.Reason {
        switch libusb_error(code) {
        case LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_IO: .lost
        case LIBUSB_ERROR_TIMEOUT: .stalled
        default: .other(operation: operation, errno: number(code))
        }
    }

    private static func number(_ code: Int32) -> Int32 {
        switch libusb_error(code) {
        case LIBUSB_ERROR_ACCESS: EACCES
        case LIBUSB_ERROR_NOT_FOUND: ENOENT
        case LIBUSB_ERROR_BUSY: EBUSY
        case LIBUSB_ERROR_OVERFLOW: EOVERFLOW
        case LIBUSB_ERROR_PIPE: EPIPE
        case LIBUSB_ERROR_INTERRUPTED: EINTR
        case LIBUSB_ERROR_NO_MEM: ENOMEM
        case LIBUSB_ERROR_NOT_SUPPORTED: ENOTSUP
        case LIBUSB_ERROR_INVALID_PARAM: EINVAL
        default: EIO
        }
    }
}
