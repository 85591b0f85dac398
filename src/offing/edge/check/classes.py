"""Whether each class of containers is named, bound and created once, and each service has one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from offing.edge.check.finding import Finding
from offing.edge.configuration import Deployment
from offing.edge.jsonc import Node

LIVE = ("", "created", "expecting-transfer")


def check_classes(deployment: Deployment, services: Sequence[str]) -> Iterator[Finding]:
    """What is wrong with the classes, their bindings and their migrations."""
    yield from _services(deployment, services)
    yield from _named_once(deployment)
    yield from _bound_once(deployment)
    yield from _created_once(deployment)


def _services(deployment: Deployment, services: Sequence[str]) -> Iterator[Finding]:
    there = [container.service for container in deployment.containers]
    listed = deployment.section.get("containers") or deployment.section
    for service in services:
        if service not in there:
            remedy = (
                f'Add one with "image_vars": {{ "SERVICE": "{service}" }}, or name the others by --service.'
            )
            yield Finding(listed, f"the service {service} has no container", remedy)
    for container in deployment.containers:
        if container.service and there.count(container.service) > 1:
            wrong = f"the service {container.service} is in {there.count(container.service)} containers"
            yield Finding(container.node, wrong, "Leave one of them.")


def _named_once(deployment: Deployment) -> Iterator[Finding]:
    for member in ("class_name", "name"):
        names = Counter(container.node.text(member) for container in deployment.containers)
        for container in deployment.containers:
            name = container.node.text(member)
            if not name and member == "class_name":
                yield Finding(
                    container.node, "no class_name is given", "Name the class that owns the container."
                )
            elif name and names[name] > 1:
                yield Finding(
                    container.node, f'{member} "{name}" is used by several containers', "Rename one."
                )


def _bound_once(deployment: Deployment) -> Iterator[Finding]:
    bindings = deployment.bindings
    bound = Counter(each.text("class_name") for each in bindings)
    names = Counter(each.text("name") for each in bindings)
    for container in deployment.containers:
        if container.class_name and not bound[container.class_name]:
            remedy = "Add it to durable_objects.bindings: the Worker has no other way to it."
            yield Finding(container.node, f"the class {container.class_name} is not bound", remedy)
    for each in bindings:
        if bound[each.text("class_name")] > 1:
            wrong = f"the class {each.text('class_name')} is bound more than once"
            yield Finding(each, wrong, "Leave one of the bindings.")
        if names[each.text("name")] > 1:
            yield Finding(each, f"the name {each.text('name')} binds several classes", "Rename one.")


def _created_once(deployment: Deployment) -> Iterator[Finding]:
    created, plain = _creations(deployment)
    owners = {container.class_name: container.node for container in deployment.containers}
    named = {each.text("class_name"): each for each in deployment.bindings} | owners
    for name, node in named.items():
        if name and not created[name]:
            remedy = f'Add {{ "tag": …, "new_sqlite_classes": ["{name}"] }} to migrations.'
            yield Finding(node, f"no migration creates the class {name}", remedy)
        elif created[name] > 1:
            yield Finding(node, f"the class {name} is created more than once", "Create it once.")
        if name in owners and name in plain:
            remedy = "Create it by new_sqlite_classes, or by an export whose storage is sqlite."
            yield Finding(node, f"the class {name} owns containers, but is not stored in SQLite", remedy)
    yield from _tags(deployment.inherited("migrations"))


def _tags(migrations: Node) -> Iterator[Finding]:
    tags = Counter(each.text("tag") for each in migrations.items())
    for each in migrations.items():
        if tags[each.text("tag")] > 1:
            yield Finding(
                each, f'the tag "{each.text("tag")}" is used twice', "Give each migration a tag of its own."
            )


def _creations(deployment: Deployment) -> tuple[Counter[str], set[str]]:
    """How often each class is created and still there, and which are not stored in SQLite."""
    created, plain = Counter[str](), set[str]()
    for migration in deployment.inherited("migrations").items():
        _apply(migration, created, plain)
    for name, export in deployment.inherited("exports").members().items():
        if export.text("type") == "durable-object" and export.text("state") in LIVE:
            created[name] += 1
            plain |= set() if export.text("storage") == "sqlite" else {name}
    return created, plain


def _apply(migration: Node, created: Counter[str], plain: set[str]) -> None:
    for name in _texts(migration.get("new_sqlite_classes")):
        created[name] += 1
    for name in _texts(migration.get("new_classes")):
        created[name] += 1
        plain.add(name)
    for name in _texts(migration.get("deleted_classes")):
        created[name] = 0
    for moved in ("renamed_classes", "transferred_classes"):
        for each in _items(migration.get(moved)):
            created[each.text("from")] = 0
            created[each.text("to")] += 1


def _items(node: Node | None) -> list[Node]:
    return [] if node is None else node.items()


def _texts(node: Node | None) -> list[str]:
    return [each.value for each in _items(node) if isinstance(each.value, str)]
