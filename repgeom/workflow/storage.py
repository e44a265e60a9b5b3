"""Results in a bucket of object storage, which Snakemake's plugin for S3 sends and fetches, file by file.

Scripts work on copies under `.snakemake/storage`. What the plugin does not know is added here: a table has its metadata
beside it, each object says what made its file, so that planning need not fetch it, and a copy is called by the name of
its object.
"""

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import snakemake.api  # noqa: F401 (before the graph, which cannot be the first to be imported)
from snakemake.dag import DAG

from repgeom.errors import InputError
from repgeom.store.inspection import provenance_of
from repgeom.store.table_metadata import ENDING, metadata_path
from repgeom.workflow.recorded import MADE, digest, recorded
from repgeom.workflow.stored import COPIES, OBJECTS

PROVIDER = "s3"
TABLE = ".csv"
CREDENTIALS = "SNAKEMAKE_STORAGE_S3_ACCESS_KEY and SNAKEMAKE_STORAGE_S3_SECRET_KEY"
ENDPOINT = "SNAKEMAKE_STORAGE_S3_ENDPOINT_URL"
REFUSED = ("400", "401", "403")


def use_storage(workflow) -> None:
    """Let a run keep its results in the bucket that `--default-storage-prefix` names; nothing where it names none.

    Parameters
    ----------
    workflow : the object that rules know by this name

    Raises
    ------
    InputError
        The provider is none that results can be kept with, the prefix names no bucket, nobody answers, or refuses.
    """
    settings, provider = workflow.storage_settings, workflow.storage_registry.default_storage_provider
    for name in (COPIES, OBJECTS):
        os.environ.pop(name, None)
    if provider is None:
        return
    require_prefix(settings.default_storage_provider, settings.default_storage_prefix)
    prefix = settings.default_storage_prefix.rstrip("/")
    os.environ[OBJECTS] = f"{prefix}/"
    os.environ[COPIES] = f"{provider.object(f'{prefix}/results').local_path().parent}/"
    if workflow.is_main_process:
        require_bucket(provider.s3c.meta.client, prefix.removeprefix(f"{PROVIDER}://").split("/")[0])
    _complete(provider.get_storage_object_cls())
    _send_scripts_that_are_there()


def require_prefix(provider: str, prefix: str) -> None:
    """Check that results go to S3, and below a bucket.

    Raises
    ------
    InputError
        Says what to write.
    """
    if provider != PROVIDER:
        raise InputError(f"--default-storage-provider {provider}: results can be kept in {PROVIDER} only")
    if not prefix.removeprefix(f"{PROVIDER}://").strip("/") or not prefix.startswith(f"{PROVIDER}://"):
        raise InputError(f"--default-storage-prefix {prefix!r}: write s3://BUCKET or s3://BUCKET/FOLDER")


def require_bucket(client, bucket: str) -> None:
    """Ask for a bucket before Snakemake does, which takes whatever it may not see for missing, and makes it again.

    A bucket that is not there is none of our errors: the plugin makes it.

    Parameters
    ----------
    client : boto3 client of S3
    bucket : str

    Raises
    ------
    InputError
        There are no credentials, nobody answers at the endpoint, or access is refused.
    """
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    at = f"s3://{bucket} at {client.meta.endpoint_url}"
    try:
        client.head_bucket(Bucket=bucket)
    except NoCredentialsError as error:
        raise InputError(f"{at}: no credentials; set {CREDENTIALS}, or run `aws configure`") from error
    except ClientError as error:
        if (code := error.response["Error"]["Code"]) in REFUSED:
            raise InputError(f"{at}: access refused ({code}); see {CREDENTIALS}, and who may use the bucket") from error
    except BotoCoreError as error:
        raise InputError(f"{at}: nobody answers ({error}); see {ENDPOINT}") from error


def _complete(objects: type) -> None:
    """Have objects of a class of the plugin take along what belongs to them."""
    if not hasattr(objects.store_object, "__wrapped__"):
        objects.store_object = _storing(objects.store_object)
        objects.retrieve_object = _retrieving(objects.retrieve_object)
        objects.remove = _removing(objects.remove)


def _send_scripts_that_are_there() -> None:
    """Let Snakemake send jobs elsewhere no `{params.script}`: it sends the whole folder of scripts anyway."""
    if not hasattr(DAG.get_sources, "__wrapped__"):
        DAG.get_sources = _that_are_there(DAG.get_sources)


def _that_are_there(find: Callable) -> Callable:
    @functools.wraps(find)
    def found(self) -> list[str]:
        return [file for file in find(self) if Path(file).is_file()]

    return found


def _storing(store: Callable) -> Callable:
    @functools.wraps(store)
    def stored(self) -> None:
        if (table := _metadata_of(self)) and table.local_path().is_file():
            store(table)  # first: where the table is, they are, too
        _send_saying(self, told(self.local_path()), store)

    return stored


def _retrieving(retrieve: Callable) -> Callable:
    @functools.wraps(retrieve)
    def retrieved(self) -> None:
        retrieve(self)
        if (table := _metadata_of(self)) and table.exists():
            retrieve(table)

    return retrieved


def _removing(remove: Callable) -> Callable:
    @functools.wraps(remove)
    def removed(self) -> None:
        if (table := _metadata_of(self)) and table.exists():
            table.s3obj().delete()
        remove(self)

    return removed


def _metadata_of(table):
    """The object beside that of a table; None for other objects."""
    if not table.query.endswith(TABLE):
        return None
    beside = table.provider.object(f"{table.query}{ENDING}")
    beside.set_local_path(metadata_path(table.local_path()))
    return beside


def _send_saying(target, facts: Mapping[str, str], store: Callable) -> None:
    """Store an object that says something about itself: the plugin uploads by what `s3obj` returns."""
    found = target.s3obj

    def saying(subkey: str | None = ""):
        remote = found(subkey)
        remote.upload_file = functools.partial(remote.upload_file, ExtraArgs={"Metadata": dict(facts)})
        return remote

    target.s3obj = saying
    try:
        store(target)
    finally:
        del target.s3obj


def told(file: Path) -> dict[str, str]:
    """What an object says about its file: a digest of what made it, where the file knows."""
    provenance = provenance_of(file)
    return {MADE: digest(recorded(provenance))} if provenance else {}
