"""The people who log in to the demo. All have one password, printed for everybody to see."""

from django.contrib.auth.hashers import make_password

from casereg.models import Region, Role, User

DEMO_PASSWORD = "fiktiva-personer-2023"  # noqa: S105 - known to all; production refuses the demo


def demo_users() -> list[User]:
    """A coordinator for each region, two analysts, an administrator; not stored, without password."""
    coordinators = [
        User(
            email=f"{region.code}@demo.example",
            name=f"Koordinator {region.label_sv}",
            role=Role.COORDINATOR,
            region=region,
        )
        for region in Region.objects.all()
    ]
    return [
        *coordinators,
        User(email="analys1@demo.example", name="Analytiker Ett", role=Role.ANALYST),
        User(email="analys2@demo.example", name="Analytiker Två", role=Role.ANALYST),
        User(email="admin@demo.example", name="Administratör", role=Role.ADMINISTRATOR),
    ]


def store_demo_users() -> list[User]:
    users = demo_users()
    password = make_password(DEMO_PASSWORD)  # hashed once: a hash takes long by design
    for user in users:
        user.password = password
    return User.objects.bulk_create(users)
