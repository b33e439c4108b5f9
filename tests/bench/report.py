"""The comparison's figures as text: one table, and the goals with what was reached."""
import statistics
import unicodedata

PHASES = {
    "flight_1": "1 in flight", "flight_64": "64 in flight", "flight_256": "256 in flight", "rate_200": "200/s",
    "rate_1000": "1,000/s", "rate_half": "half of saturation", "stuck_1000": "1,000/s, one agency stuck",
}
ROWS = [  # (figure, words, decimals, phases; None: all)
    ("per_s", "reports/s", 0, ["flight_1", "flight_64", "flight_256"]),
    ("delivery_p50_ms", "report → delivery p50 ms", 2, None),
    ("delivery_p99_ms", "report → delivery p99 ms", 2, None),
    ("receipt_p50_ms", "receipt p50 ms", 2, ["flight_1", "flight_256", "rate_200", "rate_1000"]),
    ("server_cpu_us", "processor µs a report, server", 0, ["flight_1", "flight_256", "rate_200", "rate_1000"]),
    ("load_cpu_us", "processor µs a report, load", 0, ["flight_1", "flight_256", "rate_200", "rate_1000"]),
]


def values(result, system, phase, figure):
    return [one[phase][figure] for one in result["systems"].get(system, []) if phase in one]


def median(result, system, phase, figure):
    found = values(result, system, phase, figure)
    return statistics.median(found) if found else None


def ratio(result, system, other, phase, figure, other_phase=None):
    """(median, lowest, highest) of system over other, round by round; None without both."""
    pairs = zip(values(result, system, phase, figure), values(result, other, other_phase or phase, figure))
    found = [mine / theirs for mine, theirs in pairs if theirs > 0]
    return (statistics.median(found), min(found), max(found)) if found else None


def floor_of(result, name, figure):
    return statistics.median(one[name][figure] for one in result["floor"])


def wide(text):
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def grid(rows):
    widths = [max(wide(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell + " " * (width - wide(cell)) if i == 0 else " " * (width - wide(cell)) + cell
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows)


def table(result):
    names = list(result["systems"])
    peers = [name for name in names if not name.startswith("hub")]
    floor = {name: {figure: floor_of(result, name, figure) for figure in ("p50_ms", "p99_ms")}
             for name in result["floor"][0]}
    out = [f"{result['machine']['processors']} processors, {result['machine']['model']}, load before "
           f"{result['machine']['load_before']:.1f}; {len(result['systems']['hub'])} rounds, "
           f"half of saturation = {result['half_of_saturation']}/s",
           f"floor: append 4 KiB + fdatasync p50 {floor['fdatasync']['p50_ms']:.2f} ms, p99 "
           f"{floor['fdatasync']['p99_ms']:.2f} (file written before: p50 "
           f"{floor['fdatasync_written_before']['p50_ms']:.2f}); bare mTLS unary at 200/s p50 "
           f"{floor['unary_mtls']['p50_ms']:.2f} ms, p99 {floor['unary_mtls']['p99_ms']:.2f}"]
    out += [f"{name}: {note}" for name, note in result["notes"].items()]
    ours = "hub_x3" if "hub_x3" in names else "hub"
    if ours != "hub":
        peers.insert(0, "hub")
    rows = [["median (range)", *names, *[f"{ours}/{peer}" for peer in peers]]]
    for figure, words, decimals, phases in ROWS:
        for phase in phases or PHASES:
            cells = [f"{words}, {PHASES[phase]}"]
            for name in names:
                found = values(result, name, phase, figure)
                cells.append(f"{statistics.median(found):,.{decimals}f} ({min(found):,.{decimals}f}-"
                             f"{max(found):,.{decimals}f})" if found else "")
            for peer in peers:
                found = ratio(result, ours, peer, phase, figure)
                cells.append(f"{found[0]:.2f} ({found[1]:.2f}-{found[2]:.2f})" if found else "")
            rows.append(cells)
    return "\n".join(out) + "\n\n" + grid(rows) + "\n"


def goals(result):
    """Each goal of the comparison that this run can tell, with what it reached."""
    rows = [["goal", "reached", ""]]

    def add(words, found, bound, at_least):
        if found is None:
            return
        met = found >= bound if at_least else found <= bound
        rows.append([words, f"{found:.2f}", "met" if met else "NOT met"])

    def times(system, other, phase, figure, other_phase=None):
        found = ratio(result, system, other, phase, figure, other_phase)
        return found[0] if found else None

    add("256 in flight, at least 2.5 × RabbitMQ", times("hub", "rabbitmq", "flight_256", "per_s"), 2.5, True)
    add("256 in flight with feedback read, at least 1.5 × RabbitMQ",
        times("hub_feedback", "rabbitmq", "flight_256", "per_s"), 1.5, True)
    add("1 in flight, at least 2 × RabbitMQ", times("hub", "rabbitmq", "flight_1", "per_s"), 2, True)
    add("200/s, delivery p50 at most 1 × RabbitMQ", times("hub", "rabbitmq", "rate_200", "delivery_p50_ms"), 1, False)
    add("200/s, delivery p99 at most 1.2 × RabbitMQ", times("hub", "rabbitmq", "rate_200", "delivery_p99_ms"), 1.2, False)
    for phase in ("rate_1000", "rate_half"):
        for figure in ("p50", "p99"):
            add(f"{PHASES[phase]}, delivery {figure} at most 0.5 × RabbitMQ",
                times("hub", "rabbitmq", phase, f"delivery_{figure}_ms"), 0.5, False)
    floor = floor_of(result, "fdatasync", "p50_ms") + floor_of(result, "unary_mtls", "p50_ms")
    above = median(result, "hub", "rate_200", "delivery_p50_ms") - floor
    words = f"200/s, delivery p50 above the floor of {floor:.2f} ms, at most 0.6 ms"
    if above < 0:  # nothing is quicker than its floor: something else used the disk while the floor was measured
        rows.append([words, f"{above:.2f}", "no verdict: the disk was not quiet"])
    else:
        add(words, above, 0.6, False)
    add("256 in flight, durable over not synced, at least 0.85",
        times("hub", "hub_no_sync", "flight_256", "per_s"), 0.85, True)
    add("256 in flight, at least 0.6 × NATS (which does not sync)", times("hub", "nats", "flight_256", "per_s"), 0.6, True)
    for name in result["systems"]:
        # The plain phase counts all agencies, the stuck one the eleven others.
        add(f"{name}: 1,000/s, the others' p99 with one agency stuck, at most 1.2 × without",
            times(name, name, "stuck_1000", "delivery_p99_ms", "rate_1000"), 1.2, False)
    return grid(rows) + "\n"
