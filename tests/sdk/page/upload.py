import asyncio
import os
from pathlib import Path
from leapocr import LeapOCR

async def main():
    async with LeapOCR(os.getenv("LEAPOCR_API_KEY")) as client:
        # Upload a local file
        job = await client.ocr.process_file(Path("document.pdf"))

        print(f"Job created: {job.job_id}")

        # Wait for processing to complete
        result = await client.ocr.wait_until_done(job.job_id)
        print("Processing complete!")

asyncio.run(main())
