using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Win32.SafeHandles;

namespace Legion.Store;

/// <summary>
/// Objects in a bucket. Create-once rests on single conditional puts alone: servers exist that ignore the condition where a multipart upload is completed.
/// Every put carries an id in the object's metadata. A put whose answer was lost may have been carried out, and the client's own retry is then told that the key is taken:
/// the id says whose object it is, whatever the bytes.
/// </summary>
public sealed class S3ObjectStore : IObjectStore
{
    /// <summary>Metadata that names the call that put an object. Stored with each object.</summary>
    const string PutId = "x-amz-meta-legion-put";

    /// <summary>
    /// Tries after the first, of requests that failed in a way that may pass (no connection, no answer, 429, 5xx): the client's own default.
    /// It waits up to 1 s and 2 s before them, at random, and tries no more while most of what it sends fails. Clients of ingestion try again themselves, so longer waits would only hold up their answer.
    /// </summary>
    const int MostRetries = 2;

    /// <summary>How long a server may take to accept a connection.</summary>
    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>From the begin of a try to the begin of its answer, so the upload of a Parquet file of some hundred megabytes is within it.</summary>
    static readonly TimeSpan TryTimeout = TimeSpan.FromSeconds(100);

    /// <summary>For the answer of a request without a body, or its begin, over all tries: a server that takes longer stands still.</summary>
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);

    /// <summary>For a put out of memory, over all tries. That is at most 64 MiB, and whoever sent them waits.</summary>
    static readonly TimeSpan PutTimeout = TimeSpan.FromSeconds(20);

    /// <summary>How long an answer's body may stand still; the client sets no limit to it.</summary>
    static readonly TimeSpan BodyTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Of a put that S3 refuses because another put of the key is under way (409); the other ends within seconds.</summary>
    const int MostConflicts = 6;

    /// <summary>Of a body that breaks off: the client tries requests again, but not what it has begun to hand out.</summary>
    const int MostReads = 3;

    readonly IAmazonS3 client;
    readonly S3Location location;

    /// <summary>Opened when the first copy is needed: ingestion needs none. What fails is tried again.</summary>
    readonly Lazy<ObjectCache> cache;

    internal S3ObjectStore(IAmazonS3 client, S3Location location)
    {
        this.client = client;
        this.location = location;
        cache = new(() => new ObjectCache(CacheFolder.Open(location.Settings.Cache, TimeProvider.System), LakeName(location), CopyAsync,
            async (key, cancellation) => await FindAsync(key, cancellation) is not null), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>Makes a client; nothing is sent yet. Credentials come from where the AWS SDK looks for them.</summary>
    public static S3ObjectStore Open(S3Location location) => new(new AmazonS3Client(Configuration(location.Settings)), location);

    internal static AmazonS3Config Configuration(S3Settings settings)
    {
        var configuration = new AmazonS3Config
        {
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = MostRetries,
            ConnectTimeout = ConnectTimeout,
            Timeout = TryTimeout,
            RequestChecksumCalculation = settings.Checksum == S3Checksum.WhenRequired ? RequestChecksumCalculation.WHEN_REQUIRED : RequestChecksumCalculation.WHEN_SUPPORTED,
            ResponseChecksumValidation = settings.Checksum == S3Checksum.WhenRequired ? ResponseChecksumValidation.WHEN_REQUIRED : ResponseChecksumValidation.WHEN_SUPPORTED,
            ForcePathStyle = settings.PathStyle ?? settings.Endpoint is not null,
        };
        if (settings.Endpoint is { } endpoint)
        {
            configuration.ServiceURL = endpoint.ToString();
            configuration.AuthenticationRegion = settings.Region ?? "us-east-1";
        }
        else if (settings.Region is { } region)
        {
            configuration.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
        return configuration;
    }

    public async Task<bool> PutAsync(string key, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken cancellation)
    {
        await using var bytes = new PartsStream(parts);
        return await PutOnceAsync(key, bytes, PutTimeout, cancellation);
    }

    public async Task<bool> PutFileAsync(string key, string temporaryFile, CancellationToken cancellation)
    {
        ObjectKey.Check(key);
        var isOwn = false;
        try
        {
            // Before the put: whoever deletes the object knows it, and then finds the copy.
            cache.Value.Adopt(key, temporaryFile);
            await using var bytes = new FileStream(temporaryFile, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous);
            return isOwn = await PutOnceAsync(key, bytes, longest: null, cancellation);
        }
        finally
        {
            File.Delete(temporaryFile);
            if (!isOwn) await cache.Value.ForgetAsync(key);
        }
    }

    public async Task ReplaceAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await using var body = new PartsStream([bytes]);
        await SendAsync("write", key, token =>
        {
            body.Position = 0;
            return client.PutObjectAsync(new PutObjectRequest { BucketName = location.Bucket, Key = NameOf(key), InputStream = body, AutoCloseStream = false }, token);
        }, cancellation);
    }

    public string NewTemporaryFile() => cache.Value.NewTemporaryFile();

    public IReadOnlyList<string> LocalFolders => cache.Value.LocalFolders;

    public Task<int> SweepTemporaryAsync(CancellationToken cancellation) => Task.FromResult(cache.Value.SweepTemporary());

    public async Task ReadAsync(string key, long offset, Memory<byte> into, CancellationToken cancellation)
    {
        var bytes = into.Length;
        if (bytes == 0 || offset < 0)
        {
            await ReadNothingAsync(key, offset, cancellation);
            return;
        }
        await GetAsync(key, new ByteRange(offset, offset + bytes - 1), async (answer, limit) =>
        {
            if (answer.ContentLength != bytes) throw new EndOfStreamException($"cannot read object '{key}': expected {bytes} bytes at {offset}, saw {answer.ContentLength}");
            for (var read = 0; read < bytes;)
            {
                limit.CancelAfter(BodyTimeout);
                var count = await answer.ResponseStream.ReadAsync(into[read..], limit.Token);
                if (count == 0) return false;
                read += count;
            }
            return true;
        }, cancellation);
    }

    public async Task<string> LocalFileAsync(string key, CancellationToken cancellation)
    {
        if (await FindAsync(key, cancellation) is not { } found)
        {
            // An answer without a body cannot say that it is the bucket that is missing.
            using var answer = await GetAsync(key, null, cancellation);
            throw Missing(key);
        }
        using var file = await HoldAsync(key, found.ContentLength, cancellation);
        await file.FetchAsync([new ObjectRange(0, found.ContentLength)], cancellation);
        return file.Path;
    }

    public async Task<LocalFile> HoldAsync(string key, long bytes, CancellationToken cancellation)
    {
        ObjectKey.Check(key);
        return await cache.Value.HoldAsync(key, bytes, cancellation);
    }

    public async Task<bool> HasAsync(string key, CancellationToken cancellation)
    {
        ObjectKey.Check(key);
        return cache.Value.Has(key) || await FindAsync(key, cancellation) is not null;
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request { BucketName = location.Bucket, Prefix = location.Prefix + prefix };
        do
        {
            var page = await SendAsync("list", prefix, token => client.ListObjectsV2Async(request, token), cancellation);
            foreach (var found in page.S3Objects ?? []) yield return new StoredObject(found.Key[location.Prefix.Length..], found.Size ?? 0);
            request.ContinuationToken = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (request.ContinuationToken is not null);
    }

    public async Task<bool> DeleteAsync(string key, CancellationToken cancellation)
    {
        // S3 answers the same whether there was one or not.
        var found = await FindAsync(key, cancellation);
        if (found is not null) await SendAsync("delete", key, token => client.DeleteObjectAsync(location.Bucket, NameOf(key), token), cancellation);
        if (HasCopies) await cache.Value.ForgetAsync(key);
        return found is not null;
    }

    public Task ForgetGoneAsync(CancellationToken cancellation) => HasCopies ? cache.Value.ForgetGoneAsync(cancellation) : Task.CompletedTask;

    /// <summary>False where no program made any: those that only ingest need no folder to write to.</summary>
    bool HasCopies => Directory.Exists(location.Settings.Cache.FolderPath);

    /// <param name="longest">For all tries; each has <see cref="TryTimeout"/>.</param>
    async Task<bool> PutOnceAsync(string key, Stream bytes, TimeSpan? longest, CancellationToken cancellation)
    {
        using var patience = longest is { } limit ? new Patience(limit, TimeProvider.System, cancellation) : null;
        var id = Guid.NewGuid().ToString("N");
        for (var conflicts = 0; ; conflicts++)
        {
            bytes.Position = 0;
            var request = new PutObjectRequest { BucketName = location.Bucket, Key = NameOf(key), InputStream = bytes, AutoCloseStream = false, IfNoneMatch = "*" };
            request.Metadata[PutId] = id;
            try
            {
                await client.PutObjectAsync(request, patience?.Token ?? cancellation);
                return true;
            }
            catch (AmazonS3Exception conflict) when (conflict.StatusCode == HttpStatusCode.Conflict && conflicts < MostConflicts)
            {
                await Task.Delay(TimeSpan.FromMilliseconds((50 << conflicts) * (0.5 + Random.Shared.NextDouble())), cancellation);
            }
            catch (Exception cause) when (IsFailure(cause, cancellation))
            {
                // Refused or not known: what is there now decides. One try of this call may have won, and another have been refused for it.
                return await WhoseAsync(key, id, cause, cancellation) ?? throw Unavailable("write", key, cause.Message, cause);
            }
        }
    }

    /// <returns>True where the object is what this call put, false where it is another's, null where there is none.</returns>
    async Task<bool?> WhoseAsync(string key, string id, Exception cause, CancellationToken cancellation)
    {
        try
        {
            return await FindAsync(key, cancellation) is { } found ? found.Metadata[PutId] == id : null;
        }
        catch (StoreUnavailableException)
        {
            throw Unavailable("write", key, cause.Message, cause);
        }
    }

    async Task ReadNothingAsync(string key, long offset, CancellationToken cancellation)
    {
        var found = await FindAsync(key, cancellation) ?? throw Missing(key);
        if (offset < 0 || offset > found.ContentLength) throw new EndOfStreamException($"cannot read object '{key}' at {offset}: saw {found.ContentLength} bytes in all");
    }

    Task CopyAsync(string key, ObjectRange range, SafeFileHandle into, CancellationToken cancellation) => GetAsync(key, new ByteRange(range.Begin, range.End - 1), async (answer, limit) =>
    {
        if (answer.ContentLength != range.Bytes) throw new EndOfStreamException($"cannot read object '{key}': expected {range.Bytes} bytes at {range.Begin}, saw {answer.ContentLength}");
        var buffer = new byte[Math.Min(1 << 17, range.Bytes)];
        for (var at = range.Begin; at < range.End;)
        {
            limit.CancelAfter(BodyTimeout);
            var count = await answer.ResponseStream.ReadAsync(buffer, limit.Token);
            if (count == 0) return false;
            await RandomAccess.WriteAsync(into, buffer.AsMemory(0, count), at, limit.Token);
            at += count;
        }
        return true;
    }, cancellation);

    /// <summary>Asks for an object, or a range of it, until <paramref name="read"/> has all of the answer's body: it returns false, or fails, where the body breaks off.</summary>
    async Task GetAsync(string key, ByteRange? range, Func<GetObjectResponse, CancellationTokenSource, Task<bool>> read, CancellationToken cancellation)
    {
        Exception? last = null;
        for (var reads = 0; reads < MostReads; reads++)
        {
            using var answer = await GetAsync(key, range, cancellation);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            try
            {
                if (await read(answer, limit)) return;
            }
            catch (Exception cause) when (IsFailure(cause, cancellation) && cause is not EndOfStreamException)
            {
                last = cause;
            }
        }
        throw Unavailable("read", key, last?.Message ?? "the answer breaks off", last);
    }

    async Task<GetObjectResponse> GetAsync(string key, ByteRange? range, CancellationToken cancellation)
    {
        try
        {
            return await WithinAsync(token => client.GetObjectAsync(new GetObjectRequest { BucketName = location.Bucket, Key = NameOf(key), ByteRange = range }, token), cancellation);
        }
        catch (AmazonS3Exception refusal) when (refusal.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw new EndOfStreamException($"cannot read object '{key}': it ends before byte {range!.Start}", refusal);
        }
        catch (AmazonS3Exception refusal) when (IsMissing(refusal))
        {
            throw Missing(key);
        }
        catch (Exception cause) when (IsFailure(cause, cancellation))
        {
            throw Unavailable("read", key, cause.Message, cause);
        }
    }

    async Task<GetObjectMetadataResponse?> FindAsync(string key, CancellationToken cancellation)
    {
        try
        {
            return await WithinAsync(token => client.GetObjectMetadataAsync(location.Bucket, NameOf(key), token), cancellation);
        }
        catch (AmazonS3Exception refusal) when (IsMissing(refusal))
        {
            return null;
        }
        catch (Exception cause) when (IsFailure(cause, cancellation))
        {
            throw Unavailable("find", key, cause.Message, cause);
        }
    }

    static async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancellation)
    {
        using var patience = new Patience(AnswerTimeout, TimeProvider.System, cancellation);
        return await request(patience.Token);
    }

    static async Task<T> SendAsync<T>(string verb, string key, Func<CancellationToken, Task<T>> request, CancellationToken cancellation)
    {
        try
        {
            return await WithinAsync(request, cancellation);
        }
        catch (Exception cause) when (IsFailure(cause, cancellation))
        {
            throw Unavailable(verb, key, cause.Message, cause);
        }
    }

    /// <summary>The name of the lake's part of the cache, which says nothing to others.</summary>
    static string LakeName(S3Location location) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{location.Settings.Endpoint}\n{location.Bucket}\n{location.Prefix}")).AsSpan(0, 16));

    string NameOf(string key)
    {
        ObjectKey.Check(key);
        return location.Prefix + key;
    }

    static bool IsMissing(AmazonS3Exception refusal) => refusal.StatusCode == HttpStatusCode.NotFound && refusal.ErrorCode != "NoSuchBucket";

    /// <summary>What the client throws when server or network fail it. It gives up on a request without an answer by cancelling it.</summary>
    static bool IsFailure(Exception cause, CancellationToken cancellation) => cause switch
    {
        AmazonServiceException or AmazonClientException or HttpRequestException or IOException or WebException or TimeoutException => true,
        OperationCanceledException => !cancellation.IsCancellationRequested,
        _ => false,
    };

    static FileNotFoundException Missing(string key) => new($"cannot read object '{key}': there is none");

    static StoreUnavailableException Unavailable(string verb, string key, string reason, Exception? cause = null) => new($"cannot {verb} object '{key}': {reason}", cause);
}
