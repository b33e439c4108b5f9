"""The contract stays readable for ever: what is on disk and what partners compiled knows fields by number and type.

contract.txt holds every field, enum value and call of protos/liandong/v1 as last agreed. A line of it that is no longer
true fails. So does a line that is missing in it, until it is written down:
  check_contract.py --update                   adds what is new; refuses when something was changed or removed
  check_contract.py --update --break-partners  takes over everything; only for what was never released
"""
import os
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

import tree

SNAPSHOT = os.path.join(tree.ROOT, "tests", "style", "contract.txt")
HEADER = "# Written by tests/style/check_contract.py --update. Never edit a line of a released version.\n"
Field = descriptor_pb2.FieldDescriptorProto


def field_line(message, field):
    kind = field.type_name.lstrip(".") or Field.Type.Name(field.type)[len("TYPE_"):].lower()
    label = "repeated " if field.label == Field.LABEL_REPEATED else "optional " if field.proto3_optional else ""
    return f"field {message} {field.number} {field.name}: {label}{kind}"


def message_lines(prefix, message):
    name = f"{prefix}.{message.name}"
    lines = [field_line(name, field) for field in message.field]
    for nested in message.nested_type:
        lines += message_lines(name, nested)
    for enum in message.enum_type:
        lines += enum_lines(name, enum)
    return lines


def enum_lines(prefix, enum):
    return [f"value {prefix}.{enum.name} {value.number} {value.name}" for value in enum.value]


def service_lines(prefix, service):
    return [f"call {prefix}.{service.name}/{call.name}: {'stream ' if call.client_streaming else ''}"
            f"{call.input_type.lstrip('.')} -> {'stream ' if call.server_streaming else ''}"
            f"{call.output_type.lstrip('.')}" for call in service.method]


def lines_of(descriptors):
    lines = []
    for file in descriptors.file:
        for message in file.message_type:
            lines += message_lines(file.package, message)
        for enum in file.enum_type:
            lines += enum_lines(file.package, enum)
        for service in file.service:
            lines += service_lines(file.package, service)
    return sorted(lines)


def compile_protos():
    names = [path for path in tree.files(".proto") if path.startswith("protos/liandong/v1/")]
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["protoc", "-Iprotos", f"--descriptor_set_out={out.name}", *names], cwd=tree.ROOT, check=True)
        return descriptor_pb2.FileDescriptorSet.FromString(out.read())


def compare(agreed, now):
    """(what broke, what is new)"""
    broken = [f"changed or removed: {line}" for line in sorted(set(agreed) - set(now))]
    new = [f"not written down yet: {line}" for line in sorted(set(now) - set(agreed))]
    return broken, new


def main(arguments):
    now = lines_of(compile_protos())
    agreed = []
    if os.path.exists(SNAPSHOT):
        agreed = [line for line in tree.text("tests/style/contract.txt").splitlines() if not line.startswith("#")]
    broken, new = compare(agreed, now)
    if "--update" in arguments:
        if broken and "--break-partners" not in arguments:
            tree.finish(broken)
        with open(SNAPSHOT, "w", encoding="utf-8") as file:
            file.write(HEADER + "".join(line + "\n" for line in now))
        tree.finish([])
    if new:
        new.append("if this is meant: python3 tests/style/check_contract.py --update")
    tree.finish(broken + new)


if __name__ == "__main__":
    main(sys.argv[1:])
